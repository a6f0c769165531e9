"""Exact bounds on proportions."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from plimsoll.calibration.proportions import clopper_pearson, lower_bound, upper_bound


def test_the_golden_bounds() -> None:
    """3 of 60: at most .107965237 at 90 %, and [.010432330, .139243247] at 95 %."""
    assert upper_bound(3, 60, 0.9) == pytest.approx(0.107965237, abs=1e-9)
    assert clopper_pearson(3, 60) == pytest.approx((0.010432330, 0.139243247), abs=1e-9)


@pytest.mark.parametrize(("successes", "trials"), [(0, 1), (1, 1), (7, 20), (480, 5_000)])
def test_the_bounds_are_quantiles_of_beta_distributions(successes: int, trials: int) -> None:
    """The same as the quantiles by which Clopper-Pearson is defined."""
    failures = trials - successes
    upper = 1.0 if not failures else float(beta.ppf(0.95, successes + 1, failures))
    lower = 0.0 if not successes else float(beta.ppf(0.05, successes, failures + 1))
    assert upper_bound(successes, trials, 0.95) == pytest.approx(upper, abs=1e-9)
    assert lower_bound(successes, trials, 0.95) == pytest.approx(lower, abs=1e-9)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(successes: int, trials: int) -> None:
    """No trial, or more successes than trials, is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one trial"):
        upper_bound(successes, trials, 0.9)
