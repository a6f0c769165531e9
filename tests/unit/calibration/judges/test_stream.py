"""Corrected pass rates of streams."""

from __future__ import annotations

from statistics import NormalDist

import pytest

from plimsoll.calibration.judges.prediction_powered import (
    Moments,
    powered_rate,
    rectified,
    rectified_mean,
)
from plimsoll.calibration.judges.rates import Counts
from plimsoll.calibration.judges.stream import (
    Passes,
    StreamRate,
    corrected_rate,
    labels_for_right,
    plug_in_rate,
)
from plimsoll.domain.absence import Absence, AbsenceReason

LABELS = Counts(90, 10, 20, 80)
COIN = Counts(50, 50, 50, 50)


def rate(outcome: StreamRate | Absence) -> StreamRate:
    """An outcome that is there."""
    assert isinstance(outcome, StreamRate)
    return outcome


def reason(outcome: object) -> AbsenceReason:
    """Why an outcome is not there."""
    assert isinstance(outcome, Absence)
    return outcome.reason


def test_the_golden_rogan_gladen() -> None:
    """600 of 1,000, spec .8 and sens .9 on 100 each: .571428571 in [.489818690, .655454186]."""
    known = rate(plug_in_rate(Passes(600, 1_000), LABELS))
    assert known.point == pytest.approx(0.571428571, abs=1e-9)
    assert (known.lower, known.upper) == pytest.approx((0.489818690, 0.655454186), abs=1e-9)


def test_fiellers_interval_is_nearly_the_same_where_a_judge_is_strong() -> None:
    """It differs from the golden one by less than .01 at either end."""
    ours = rate(corrected_rate(Passes(600, 1_000), LABELS))
    assert ours.point == pytest.approx(0.571428571, abs=1e-9)
    assert (ours.lower, ours.upper) == pytest.approx((0.489818690, 0.655454186), abs=0.01)


def test_a_weak_judge_excludes_nothing() -> None:
    """At 6 of 10 and 6 of 10, sens + spec may well be 1: the interval is all of [0, 1]."""
    weak = rate(corrected_rate(Passes(100, 200), Counts(6, 4, 4, 6)))
    assert (weak.lower, weak.upper) == (0.0, 1.0)


@pytest.mark.parametrize("correct", [corrected_rate, plug_in_rate])
@pytest.mark.parametrize(
    "labels", [Counts(0, 3, 0, 100), Counts(0, 1, 1, 49), Counts(100, 0, 3, 0)]
)
def test_a_judge_that_says_one_thing_is_a_coin_however_it_was_labelled(
    correct: object, labels: Counts
) -> None:
    """What was counted adds up to 1 or less, though few labels of one kind lift the posteriors."""
    assert callable(correct)
    assert reason(correct(Passes(30, 50), labels)) is AbsenceReason.JUDGE_UNINFORMATIVE


@pytest.mark.parametrize("correct", [corrected_rate, plug_in_rate])
def test_no_rate_comes_of_a_judge_that_cannot_be_corrected(correct: object) -> None:
    """A coin is `judge_uninformative`; one without labels is an absence that says `unmeasured`."""
    assert callable(correct)
    assert reason(correct(Passes(5, 10), COIN)) is AbsenceReason.JUDGE_UNINFORMATIVE
    absent = correct(Passes(5, 10), Counts())
    assert reason(absent) is AbsenceReason.INPUT_MISSING
    assert absent.detail.startswith("unmeasured")


def test_the_golden_prediction_powered_mean() -> None:
    """.72 over 1,000 with a rectifier of -.05 over 100: .67 +- 1.96 standard errors of .033190."""
    golden = rectified_mean(Moments(0.72, 0.2016, 1_000), Moments(-0.05, 0.09, 100))
    assert golden.point == pytest.approx(0.67)
    assert (golden.lower, golden.upper) == pytest.approx((0.604947, 0.735053), abs=2e-6)
    error = (golden.upper - golden.lower) / (2 * NormalDist().inv_cdf(0.975))
    assert error == pytest.approx(0.033190360, abs=1e-9)


def test_power_follows_the_judge() -> None:
    """A coin gets no power, so that the audit stands alone; a good judge gets most of it."""
    assert rectified(Passes(5_000, 10_000), COIN).power == pytest.approx(0.0, abs=1e-12)
    assert rectified(Passes(5_000, 10_000), Counts(50, 0, 0, 50)).power > 0.9
    alone = rate(powered_rate(Passes(5_000, 10_000), COIN))
    helped = rate(powered_rate(Passes(5_000, 10_000), Counts(48, 2, 2, 48)))
    assert helped.upper - helped.lower < 0.7 * (alone.upper - alone.lower)


def test_an_audit_without_an_error_still_has_width() -> None:
    """Twenty audited items on which the judge never erred leave more than .1 open."""
    perfect = rate(powered_rate(Passes(9_000, 10_000), Counts(18, 0, 0, 2)))
    assert perfect.upper - perfect.lower > 0.1


def test_a_tiny_audit_gives_no_rate() -> None:
    """Nine items are an absence that says how many are needed."""
    absent = powered_rate(Passes(5, 10), Counts(5, 0, 0, 4))
    assert absent == Absence(AbsenceReason.INSUFFICIENT_SAMPLES, "9 audited, needs 10")


def test_labels_go_where_the_judge_errs() -> None:
    """At equal error rates half go to each kind; more false fails move labels to right items."""
    even = labels_for_right(200, Counts(40, 10, 10, 40), Passes(500, 1_000))
    assert even == 100
    assert labels_for_right(200, Counts(30, 20, 5, 45), Passes(500, 1_000)) > 120
    assert labels_for_right(200, Counts(30, 20, 5, 45), Passes(0, 1_000)) >= 1


@pytest.mark.parametrize(("passed", "total"), [(0, 0), (-1, 5), (6, 5)])
def test_impossible_passes_are_refused(passed: int, total: int) -> None:
    """No verdict, or more passes than verdicts, is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one verdict"):
        Passes(passed, total)
