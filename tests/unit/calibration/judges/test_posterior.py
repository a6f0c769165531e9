"""P(right) after verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from plimsoll.calibration.judges.beta import Beta
from plimsoll.calibration.judges.posterior import Vote, posterior, right_given
from plimsoll.calibration.judges.rates import Counts
from plimsoll.domain.confidence import Estimate

GOOD = Counts(90, 10, 30, 70)
COIN = Counts(50, 50, 50, 50)
EVEN = Beta(5_000, 5_000)


def width(estimate: Estimate) -> float:
    """The interval's width on the logit scale."""
    return float(logit(estimate.interval.upper) - logit(estimate.interval.lower))


def exchangeable(jurors: int, correlation: float) -> np.ndarray:
    """Correlations that are the same for each pair."""
    return np.full((jurors, jurors), correlation) + (1 - correlation) * np.eye(jurors)


def panel(votes: list[bool | None], correlation: float = 0.3) -> Estimate:
    """The posterior of jurors that are all as good."""
    given = [Vote(GOOD, passed) for passed in votes]
    return posterior(given, exchangeable(len(votes), correlation), EVEN)


def test_the_golden_verdict() -> None:
    """At a prevalence of .7, sens .9, spec .7: .875 after a pass and .25 after a fail."""
    known = {"prevalence": 0.7, "sensitivity": 0.9, "specificity": 0.7}
    assert right_given(passed=True, **known) == pytest.approx(0.875)
    assert right_given(passed=False, **known) == pytest.approx(0.25)


def test_many_labels_give_bayes_rule() -> None:
    """With a hundred thousand labels the posterior is the golden one, and its interval narrow."""
    counts = Counts(90_000, 10_000, 30_000, 70_000)
    estimate = posterior([Vote(counts, passed=True)], np.eye(1), Beta(70_000, 30_000))
    assert estimate.point == pytest.approx(0.875, abs=1e-3)
    assert estimate.interval.upper - estimate.interval.lower < 0.01


def test_an_unmeasured_judge_is_believed_nothing() -> None:
    """Without labels the point is the prevalence, and nearly all of [0, 1] is possible."""
    estimate = posterior([Vote(Counts(), passed=True)], np.eye(1), EVEN)
    assert estimate.point == pytest.approx(0.5, abs=0.01)
    assert estimate.interval.lower < 0.05
    assert estimate.interval.upper > 0.95


def test_fewer_labels_widen() -> None:
    """A tenth of the labels makes the interval more than twice as wide on the logit scale."""
    few = posterior([Vote(Counts(9, 1, 3, 7), passed=True)], np.eye(1), EVEN)
    many = posterior([Vote(GOOD, passed=True)], np.eye(1), EVEN)
    assert width(few) > 2 * width(many)


def test_a_coin_changes_nothing() -> None:
    """A judge that is no better than a coin leaves what was known before."""
    estimate = posterior([Vote(COIN, passed=True)], np.eye(1), Beta(71, 31))
    assert estimate.point == pytest.approx(71 / 102, abs=1e-3)
    two = [Vote(GOOD, passed=True), Vote(COIN, passed=False)]
    alone = posterior(two[:1], np.eye(1), Beta(71, 31))
    assert posterior(two, exchangeable(2, 0.3), Beta(71, 31)).point == pytest.approx(
        alone.point, abs=2e-3
    )


@pytest.mark.parametrize("answer", [True, False])
@pytest.mark.parametrize("rest", [[True, True], [True, False], [False, False]])
def test_a_missing_juror_widens(rest: list[bool | None], answer: bool) -> None:
    """Whatever it might have said, the interval without it is wider on the logit scale."""
    assert width(panel([*rest, None])) > width(panel([*rest, answer]))


def test_the_others_weigh_no_more_for_a_missing_juror() -> None:
    """Two of three that pass say less than a panel of two that pass, and less than all three."""
    missing = panel([True, True, None]).point
    assert 0.5 < missing < panel([True, True]).point
    assert missing < panel([True, True, True]).point


def test_jurors_that_err_alike_count_less() -> None:
    """Three passes at a correlation of .98 say hardly more than one; independent ones do."""
    one = panel([True]).point
    assert panel([True] * 3, 0.98).point == pytest.approx(one, abs=0.01)
    assert panel([True] * 3, 0.0).point > 0.95 > one


def test_the_same_votes_give_the_same_bytes() -> None:
    """Nothing is drawn: a second call agrees to the last bit."""
    assert panel([True, False, None]) == panel([True, False, None])
