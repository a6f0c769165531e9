"""Intervals of shares from counts."""

from __future__ import annotations

import pytest
from scipy import stats

from plimsoll.domain.score import IntervalKind
from plimsoll.metrics.beta import beta_cdf, beta_quantile, jeffreys_interval


@pytest.mark.parametrize("a", [0.5, 1.0, 3.5, 60.5, 4_000.5])
@pytest.mark.parametrize("b", [0.5, 2.0, 57.5, 10_000.5])
def test_quantiles_and_shares_are_those_of_scipy(a: float, b: float) -> None:
    """Both agree with an independent implementation to nine digits."""
    for probability in (0.05, 0.5, 0.95):
        found = beta_quantile(probability, a, b)
        assert found == pytest.approx(stats.beta.ppf(probability, a, b), rel=1e-9, abs=1e-12)
        assert beta_cdf(found, a, b) == pytest.approx(probability, abs=1e-9)


def test_no_evidence_leaves_everything_open() -> None:
    """Without a count the interval is Jeffreys' prior: nearly all of [0, 1]."""
    interval = jeffreys_interval(0, 0)
    assert interval.kind is IntervalKind.CREDIBLE
    assert (interval.lower, interval.upper) == pytest.approx((0.00615583, 0.99384417))


def test_more_counts_make_it_narrower_around_the_share() -> None:
    """Of 3 in 4 and 300 in 400 the second is the narrower, and both hold 0.75."""
    few, many = jeffreys_interval(3, 1), jeffreys_interval(300, 100)
    assert few.lower < many.lower < 0.75 < many.upper < few.upper


def test_the_ends_stay_in_range() -> None:
    """All of many, or none of them, stays inside [0, 1]."""
    assert 0.99 < jeffreys_interval(1_000, 0).lower < jeffreys_interval(1_000, 0).upper <= 1.0
    assert 0.0 <= jeffreys_interval(0, 1_000).lower < jeffreys_interval(0, 1_000).upper < 0.01


@pytest.mark.parametrize(
    ("successes", "failures", "level"), [(-1, 0, 0.9), (0, -1, 0.9), (1, 1, 1)]
)
def test_counts_that_cannot_be_are_refused(successes: int, failures: int, level: float) -> None:
    """A negative count or a level of 1 has no interval."""
    with pytest.raises(ValueError, match="no interval"):
        jeffreys_interval(successes, failures, level)
