"""Bounds from parents: golden vectors, and what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import ParentRef
from plimsoll.domain.score import IntervalKind, Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.parents_confidence import ParentsConfidence, frechet
from tests.unit.metrics.results import result


def of(*parents: ParentRef) -> Score:
    """The score of a result with these parents."""
    return evaluate(ParentsConfidence(), replace(result(), parents=parents))


def reason(score: Score) -> AbsenceReason:
    """The reason of an absence, where there must be one."""
    assert score.absence is not None
    return score.absence.reason


def test_a_chain_of_three() -> None:
    """Three of .9 leave [.7, .9]; independent they would make .729, which is the raw value."""
    score = of(ParentRef("a", 0.9), ParentRef("b", 0.9), ParentRef("c", 0.9))
    assert score.value == pytest.approx(0.7)
    assert score.raw_value == pytest.approx(0.729)
    assert score.interval is not None
    assert score.interval.kind is IntervalKind.FRECHET
    assert (score.interval.lower, score.interval.upper) == (score.value, 0.9)


def test_one_parent_is_its_own_bound() -> None:
    """Of one parent nothing is left open, to the last bit."""
    assert frechet([0.1]) == (0.1, 0.1)


def test_many_doubtful_parents_leave_nothing() -> None:
    """Where doubts add up to 1, the lower bound is 0 and the upper one the weakest parent's."""
    assert frechet([0.5, 0.4, 0.6]) == (0.0, 0.4)


def test_a_parent_counts_once() -> None:
    """Naming one parent twice does not make its doubt double."""
    assert of(ParentRef("a", 0.9), ParentRef("a", 0.9)).value == 0.9
    assert of(ParentRef("a", 0.9), ParentRef("a", None)).value == 0.9


def test_a_parent_without_a_confidence_is_missing() -> None:
    """One unknown parent leaves no bound, and the detail says how many there are."""
    score = of(ParentRef("a", 0.9), ParentRef("b"))
    assert reason(score) is AbsenceReason.INPUT_MISSING
    assert score.absence is not None
    assert score.absence.detail == "1 of 2 parents came without a confidence"


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_confidence_outside_its_range_is_invalid(bad: float) -> None:
    """It is refused, not clipped."""
    assert reason(of(ParentRef("a", bad))) is AbsenceReason.INPUT_INVALID


def test_two_confidences_of_one_parent_are_invalid() -> None:
    """Nothing says which one is right."""
    score = of(ParentRef("a", 0.9), ParentRef("a", 0.8))
    assert reason(score) is AbsenceReason.INPUT_INVALID


def test_evidence_names_the_weakest_first() -> None:
    """Who wants to know what holds a result back reads the first parent."""
    score = of(ParentRef("a", 0.9), ParentRef("b", 0.6))
    assert [item.ref for item in score.evidence] == ["b", "a"]


def test_without_parents_there_is_nothing_to_bound() -> None:
    """A result made from no other is not lacking anything."""
    assert reason(of()) is AbsenceReason.NOT_APPLICABLE
