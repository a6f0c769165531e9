"""Metrics that hold a response against right answers: golden values and edge rules."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Expectations, TaskKind
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.reference_chrf import ReferenceChrf
from plimsoll.metrics.reference_exact_match import ReferenceExactMatch
from plimsoll.metrics.reference_numeric_match import ReferenceNumericMatch
from plimsoll.metrics.reference_rouge_l import ReferenceRougeL
from plimsoll.metrics.reference_token_f1 import ReferenceTokenF1
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result

ALL: list[Metric] = [
    ReferenceExactMatch(),
    ReferenceTokenF1(),
    ReferenceRougeL(),
    ReferenceChrf(),
    ReferenceNumericMatch(),
]


def scored(metric: Metric, text: str, *references: str, kind: TaskKind = TaskKind.OPEN_QA) -> Score:
    """The score of a response whose right answers are these."""
    return evaluate(
        metric, result(text, expectations=Expectations(references=references), kind=kind)
    )


def reason(score: Score) -> AbsenceReason:
    """The reason of an absence, where there must be one."""
    assert score.absence is not None
    return score.absence.reason


@pytest.mark.parametrize(
    ("text", "reference", "value"),
    [
        ("The Eiffel Tower.", "eiffel tower", 1.0),
        ("1,000", "1000.0", 1.0),
        ('{"b": 1, "a": 2.0}', '{"a":2,"b":1}', 1.0),
        ("(B)", "b", 1.0),
        ("Paris, France", "Paris", 0.0),
        ("?", "!", 0.0),
        ("?", "?", 1.0),
    ],
)
def test_exact_match_looks_through_the_dress(text: str, reference: str, value: float) -> None:
    """Case, punctuation, articles, number formats and order of keys do not count; words do."""
    assert scored(ReferenceExactMatch(), text, reference).value == value


def test_signs_count_in_mathematics() -> None:
    """x-1 is not x+1 where the task is mathematics."""
    assert scored(ReferenceExactMatch(), "x - 1", "x + 1", kind=TaskKind.MATH).value == 0.0


def test_token_f1_of_squad() -> None:
    """Two of three words in common with two of two: F1 is 0.8; multiplicity counts."""
    metric = ReferenceTokenF1()
    assert scored(metric, "the Eiffel Tower, Paris", "Eiffel Tower").value == pytest.approx(0.8)
    assert scored(metric, "yes yes yes", "yes").value == pytest.approx(0.5)
    assert scored(metric, "no", "yes").value == 0.0


def test_rouge_l_of_its_paper() -> None:
    """`police kill the gunman` shares three of four words in order with `police killed the gunman`.

    The order counts: `the gunman kill police` shares two (Lin 2004, section 3.1).
    """
    metric = ReferenceRougeL()
    told = "police killed the gunman"
    assert scored(metric, "police kill the gunman", told).value == pytest.approx(0.75)
    assert scored(metric, "the gunman kill police", told).value == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("text", "reference", "value"),
    [
        ("the cat sat on the mat", "the cat sat on a mat", 0.720848317308462),
        ("Paris", "paris", 0.54333333333333336),
        ("The quick brown fox", "A quick brown dog", 0.63398434932133405),
    ],
)
def test_chrf_is_that_of_sacrebleu(text: str, reference: str, value: float) -> None:
    """The values are those of sacreBLEU 2's chrF2, over 100."""
    assert scored(ReferenceChrf(), text, reference).value == pytest.approx(value, abs=1e-12)


def test_the_best_reference_counts_and_is_named() -> None:
    """Of several right answers the nearest decides, and evidence says which one it was."""
    for metric in ALL[:4]:
        score = scored(metric, "Paris", "", "London", "Paris")
        assert score.value == 1.0
        assert [item.ref for item in score.evidence] == ["expectations.references[2]"]


@pytest.mark.parametrize(
    ("text", "reference", "value"),
    [
        ("It is 1,234.", "1234", 1.0),
        ("3 apples and 4 pears make 7. #### 7", "7", 1.0),
        ("First 12, then 30. The answer is 42 dollars", "42", 1.0),
        ("12%", "0.12", 1.0),
        ("The result is -5", "-5", 1.0),
        ("The result is -5", "5", 0.0),
        ("3.1416", "3.14159265", 1.0),
        ("3.15", "3.14159265", 0.0),
        ("0", "0", 1.0),
        ("1", "0", 0.0),
        ("2.5 million", "2,500,000", 1.0),
        ("2000.5", "2000", 1.0),
        ("It was in 1999.", "2000", 0.0),
        ("#### 10001", "10000", 0.0),
    ],
)
def test_numbers_match_within_a_tolerance(text: str, reference: str, value: float) -> None:
    """Value, sign and scale count, within a thousandth; of years and counts every unit does."""
    assert scored(ReferenceNumericMatch(), text, reference).value == value


def test_of_several_numbers_none_is_picked() -> None:
    """A response with two numbers and no mark is no answer: not the first, not the smallest."""
    score = scored(ReferenceNumericMatch(), "I cannot give a score from 0 to 3", "0")
    assert reason(score) is AbsenceReason.ABSTAINED


def test_a_response_without_a_number_cannot_be_read() -> None:
    """It is neither right nor wrong by number."""
    assert reason(scored(ReferenceNumericMatch(), "many", "3")) is AbsenceReason.PARSE_FAILED


def test_a_reference_that_is_no_number_does_not_apply() -> None:
    """A textual answer leaves nothing to compare by value."""
    assert reason(scored(ReferenceNumericMatch(), "3", "Paris")) is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.spec.name)
def test_without_right_answers_there_is_no_number(metric: Metric) -> None:
    """No reference is not applicable, an empty one is missing, a huge one is too large."""
    assert reason(scored(metric, "x")) is AbsenceReason.NOT_APPLICABLE
    assert reason(scored(metric, "x", " ")) is AbsenceReason.INPUT_MISSING
    assert reason(scored(metric, "x", "y" * 1_000_001)) is AbsenceReason.INPUT_TOO_LARGE


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.spec.name)
def test_no_confidence_may_rest_on_a_right_answer(metric: Metric) -> None:
    """The specification says so, and so does its summary."""
    assert not metric.spec.may_decide
    assert metric.spec.summary.endswith("never in a confidence.")
