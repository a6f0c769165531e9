"""P(right) after verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.calibration.judges.beta import Beta
from plimsoll.calibration.judges.posterior import Vote, probability, right_given
from plimsoll.calibration.judges.rates import Counts

GOOD = Counts(90, 10, 30, 70)
COIN = Counts(50, 50, 50, 50)
EVEN = Beta(5_000, 5_000)


def exchangeable(jurors: int, correlation: float) -> np.ndarray:
    """Correlations that are the same for each pair."""
    return np.full((jurors, jurors), correlation) + (1 - correlation) * np.eye(jurors)


def panel(votes: list[bool | None], correlation: float = 0.3) -> float:
    """The posterior of jurors that are all as good."""
    given = [Vote(GOOD, passed) for passed in votes]
    return probability(given, exchangeable(len(votes), correlation), EVEN)


def test_the_golden_verdict() -> None:
    """At a prevalence of .7, sens .9, spec .7: .875 after a pass and .25 after a fail."""
    known = {"prevalence": 0.7, "sensitivity": 0.9, "specificity": 0.7}
    assert right_given(passed=True, **known) == pytest.approx(0.875)
    assert right_given(passed=False, **known) == pytest.approx(0.25)


def test_many_labels_give_bayes_rule() -> None:
    """With a hundred thousand labels the probability is the golden one."""
    counts = Counts(90_000, 10_000, 30_000, 70_000)
    found = probability([Vote(counts, passed=True)], np.eye(1), Beta(70_000, 30_000))
    assert found == pytest.approx(0.875, abs=1e-3)


def test_an_unmeasured_judge_is_believed_nothing() -> None:
    """Without labels the probability is the prevalence."""
    found = probability([Vote(Counts(), passed=True)], np.eye(1), EVEN)
    assert found == pytest.approx(0.5, abs=0.01)


def test_strong_jurors_are_not_weighed_down_by_weak_ones() -> None:
    """Beside a weak juror that errs like it, a strong one counts for nearly as much as alone."""
    weak = Vote(Counts(60, 40, 40, 60), passed=True)
    alone = probability([Vote(GOOD, passed=True)], np.eye(1), EVEN)
    both = probability([Vote(GOOD, passed=True), weak], exchangeable(2, 0.3), EVEN)
    assert both == pytest.approx(alone, abs=0.03)


def test_a_coin_changes_nothing() -> None:
    """A judge that is no better than a coin leaves what was known before."""
    found = probability([Vote(COIN, passed=True)], np.eye(1), Beta(71, 31))
    assert found == pytest.approx(71 / 102, abs=1e-3)
    two = [Vote(GOOD, passed=True), Vote(COIN, passed=False)]
    alone = probability(two[:1], np.eye(1), Beta(71, 31))
    assert probability(two, exchangeable(2, 0.3), Beta(71, 31)) == pytest.approx(alone, abs=2e-3)


def test_the_others_weigh_no_more_for_a_missing_juror() -> None:
    """Two of three that pass say less than a panel of two that pass, and less than all three."""
    missing = panel([True, True, None])
    assert 0.5 < missing < panel([True, True])
    assert missing < panel([True, True, True])


def test_jurors_that_err_alike_count_less() -> None:
    """Three passes at a correlation of .98 say hardly more than one; independent ones do."""
    one = panel([True])
    assert panel([True] * 3, 0.98) == pytest.approx(one, abs=0.01)
    assert panel([True] * 3, 0.0) > 0.95 > one


def test_the_same_votes_give_the_same_bytes() -> None:
    """Nothing is drawn: a second call agrees to the last bit."""
    assert panel([True, False, None]) == panel([True, False, None])
