"""Confidences by what labels have taught."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from plimsoll.calibration.combine import logit_of, sigmoid
from plimsoll.calibration.learned import LearnedCombination
from plimsoll.calibration.learning.standing import Standing
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Confidence, ConfidenceStatus, Estimate, Promise
from plimsoll.domain.learned import LearnedCalibration, ScopeKey
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Score
from tests.unit.calibration.learning.test_standing import FITTED, STRICT
from tests.unit.calibration.test_combine import PRIOR, answer, estimate, scores, width

BASIS = "0123456789abcdef"
HERE = ScopeKey("demo", TaskKind.OPEN_QA, BASIS)
# The artefact's level of 90 %, on both sides of the middle.
Z = 1.6448536269514722


def learned(
    calibration: LearnedCalibration | None = FITTED, threshold: float | None = None
) -> LearnedCombination:
    """What stands for one scope, over the prior that ships."""
    made = () if threshold is None else (replace(STRICT, threshold=threshold),)
    standing = Standing("calibrated-all", calibration, made, None)
    return LearnedCombination(PRIOR, {HERE: standing}.get)


def combined(
    combination: LearnedCombination, given: Sequence[Score], finish_reason: str = "stop"
) -> Confidence:
    """The confidence of a result of that scope."""
    return combination.combine(given, answer(finish_reason=finish_reason), BASIS)


def test_where_nothing_stands_the_prior_speaks() -> None:
    """For another basis, task kind or tenant nothing was learned, and not a bit changes."""
    given = scores(sequence_probability=0.9)
    prior = PRIOR.combine(given, answer(), "other")
    assert learned().combine(given, answer(), "other") == prior
    assert learned().combine(given, replace(answer(), task_kind=TaskKind.CHAT), BASIS).status is (
        ConfidenceStatus.PRIOR
    )
    assert (prior.basis, prior.base) == ("other", prior.estimate)


def test_the_point_is_the_map_of_the_prior_s() -> None:
    """Sigma(-.5 + .8 x), with the prior's own estimate beside it."""
    given = scores(sequence_probability=0.9)
    prior = PRIOR.combine(given, answer(), BASIS)
    confidence = combined(learned(), given)
    x = logit_of(estimate(prior).point)
    assert estimate(confidence).point == pytest.approx(sigmoid(-0.5 + 0.8 * x))
    assert (confidence.unlearned, confidence.base) == (prior.estimate, prior.estimate)
    assert (confidence.status, confidence.labels) == (ConfidenceStatus.CALIBRATED, 96)
    assert (confidence.calibration_id, confidence.basis) == ("calibrated-all", BASIS)


def test_the_width_is_that_of_the_fit_where_nothing_is_absent() -> None:
    """J Sigma J' with J = (1, x): labels stand in for what the prior does not know."""
    given = scores(sequence_probability=0.9)
    x = logit_of(estimate(PRIOR.combine(given, answer())).point)
    deviation = math.sqrt(0.04 - 2 * 0.01 * x + 0.02 * x * x)
    assert width(combined(learned(), given)) == pytest.approx(2 * Z * deviation)


def test_what_is_absent_widens_by_as_much_as_the_slope_leaves_of_it() -> None:
    """The variance of an absence is added, times the square of the slope."""
    given = scores(sequence_probability=0.9)
    missing = [*given, Score("exact_match_rate", "1", Absence(AbsenceReason.INPUT_MISSING))]
    flat = learned(replace(FITTED, covariance=0.0, slope_variance=0.0))

    def variance(confidence: Confidence) -> float:
        return (width(confidence) / (2 * Z)) ** 2

    by_prior = variance(PRIOR.combine(missing, answer())) - variance(PRIOR.combine(given, answer()))
    by_labels = variance(combined(flat, missing)) - variance(combined(flat, given))
    assert by_prior > 0
    assert by_labels == pytest.approx(0.8**2 * by_prior)


def test_the_order_of_results_is_the_prior_s() -> None:
    """A better value never gets a lower point."""
    points = [
        estimate(combined(learned(), scores(sequence_probability=v / 50))).point for v in range(51)
    ]
    assert points == sorted(points)


def test_a_cap_holds_after_learning() -> None:
    """What ended early gets no more than the artefact allows, whatever labels say."""
    best = scores(sequence_probability=1.0, exact_match_rate=1.0)
    sure = learned(replace(FITTED, intercept=5.0))
    capped = PRIOR.combine(best, answer(finish_reason="length"))
    confidence = combined(sure, best, "length")
    assert estimate(confidence).point <= estimate(capped).point
    assert estimate(combined(sure, best)).point > 0.99


def test_promises_go_by_the_unlearned_point() -> None:
    """At the threshold a result is covered, a hair above it is not; labels move neither."""
    given = scores(sequence_probability=0.9)
    point = estimate(PRIOR.combine(given, answer())).point
    covered = combined(learned(threshold=point), given)
    assert covered.promises == (Promise(0.1, "p-1"),)
    assert combined(learned(threshold=math.nextafter(point, 1)), given).promises == ()
    alone = combined(learned(None, point), given)
    assert (alone.promises, alone.status) == (covered.promises, ConfidenceStatus.PRIOR)
    assert alone.outcome == PRIOR.combine(given, answer()).outcome
    assert alone.calibration_id == "calibrated-all"


def test_nothing_is_learned_or_promised_of_what_has_no_estimate() -> None:
    """An absence stays the prior's, with no basis and no promise."""
    confidence = combined(learned(threshold=0.0), [])
    assert confidence == PRIOR.combine([], answer())
    assert (confidence.basis, confidence.promises) == ("", ())


def test_an_estimate_at_the_end_of_floats_is_mapped_too() -> None:
    """A slope of 3 on a logit of 15 is still a number below 1, and inside its interval."""
    found = estimate(
        combined(learned(replace(FITTED, slope=3.0)), scores(sequence_probability=1.0))
    )
    assert isinstance(found, Estimate)
    assert 0 <= found.interval.lower <= found.point <= found.interval.upper <= 1
