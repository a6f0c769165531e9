"""Votes of a panel, values of a juror, and both orders of a pair."""

from __future__ import annotations

import math

import pytest

from plimsoll.calibration.judges.expectation import (
    Scale,
    expected_score,
    from_logprobs,
    from_samples,
)
from plimsoll.calibration.judges.panel import (
    Preference,
    Tally,
    both_orders,
    preference_value,
    tally,
)
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.verdicts import Estimator
from tests.unit.calibration.judges.judges import judge, said

THROTTLED = Absence(AbsenceReason.THROTTLED)
FIVE = Scale(1, 5)
GOLDEN = {
    float(s): math.log(p) for s, p in zip(range(1, 6), (0.02, 0.03, 0.15, 0.55, 0.25), strict=True)
}


def test_the_golden_expectation() -> None:
    """P(1..5) = [.02, .03, .15, .55, .25]: E 3.98, variance .6996, in units .745."""
    expectation = expected_score(GOLDEN)
    assert (expectation.mean, expectation.variance) == pytest.approx((3.98, 0.6996))
    verdict = from_logprobs(judge(), GOLDEN, FIVE)
    assert verdict.value == pytest.approx(0.745)
    assert verdict.variance == pytest.approx(0.6996 / 16)
    assert verdict.estimator is Estimator.EXPECTATION_LOGPROB


def test_a_judge_that_was_about_to_write_something_else_has_no_score() -> None:
    """With 30 % on scores, nothing that a number holds, or none on the scale, there is none."""
    for logprobs in ({4.0: math.log(0.3)}, {4.0: -1_000.0, 5.0: -9_999.0}, {9.0: 0.0}, {}):
        absence = from_logprobs(judge(), logprobs, FIVE).outcome
        assert isinstance(absence, Absence)
        assert absence.reason is AbsenceReason.PARSE_FAILED


def test_samples_name_their_estimator() -> None:
    """Several samples are `expectation_samples` with a variance; one is `single_shot` without."""
    several = from_samples(judge(), [0.5, 1.0, THROTTLED])
    assert (several.value, several.variance) == (0.75, 0.125)
    assert several.estimator is Estimator.EXPECTATION_SAMPLES
    single = from_samples(judge(), [0.5])
    assert (single.value, single.variance) == (0.5, None)
    assert single.estimator is Estimator.SINGLE_SHOT


def test_a_juror_whose_samples_are_mostly_missing_is_missing() -> None:
    """One of three is no verdict: an absence for the reason of those that are missing."""
    outcome = from_samples(judge(), [0.5, THROTTLED, THROTTLED]).outcome
    assert outcome == Absence(AbsenceReason.THROTTLED, "1 of 3 samples answered")


def test_a_panel_says_how_many_were_asked_and_answered() -> None:
    """Two of three answered, one for and one against: mean .5, dispersion of .9 and .1."""
    panel = tally([said("a", 0.9), said("b", 0.1), said("c", THROTTLED)])
    assert (panel.asked, panel.answered, panel.passed, panel.failed) == (3, 2, 1, 1)
    assert (panel.mean, panel.dispersion) == pytest.approx((0.5, math.sqrt(0.32)))


def test_a_panel_without_an_answer_has_no_mean() -> None:
    """Nothing stands in for what nobody said."""
    assert tally([said("a", THROTTLED)]) == Tally(1, 0, 0, 0, None, None)
    assert tally([said("a", 0.7)]).dispersion is None


def test_a_juror_votes_once() -> None:
    """Two verdicts of one juror in a panel are refused."""
    with pytest.raises(ValueError, match="twice"):
        tally([said("a", 0.7), said("a", 0.8)])


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (Preference.A, Preference.A, Preference.A),
        (Preference.B, Preference.B, Preference.B),
        (Preference.TIE, Preference.TIE, Preference.TIE),
        (Preference.A, Preference.B, Preference.INCONSISTENT),
        (Preference.A, Preference.TIE, Preference.INCONSISTENT),
        (Preference.A, THROTTLED, THROTTLED),
        (THROTTLED, Preference.A, THROTTLED),
    ],
)
def test_a_preference_holds_in_both_orders_or_not_at_all(
    first: Preference | Absence, second: Preference | Absence, both: Preference | Absence
) -> None:
    """A is preferred only if both orders say A; anything else is inconsistent, not a tie."""
    assert both_orders(first, second) == both


def test_an_inconsistent_preference_is_no_vote() -> None:
    """It has no value: half would say that both are as good."""
    absent = preference_value(Preference.INCONSISTENT)
    assert isinstance(absent, Absence)
    assert absent.reason is AbsenceReason.ABSTAINED
    plain = (Preference.A, Preference.B, Preference.TIE)
    assert [preference_value(preference) for preference in plain] == [1, 0, 0.5]
    assert preference_value(THROTTLED) == THROTTLED


def test_a_scale_without_width_is_refused() -> None:
    """From 3 to 3 nothing can be told."""
    with pytest.raises(ValueError, match="no width"):
        Scale(3, 3)
