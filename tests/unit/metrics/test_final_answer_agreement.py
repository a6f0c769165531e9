"""Agreement on final answers: where an answer stands, and which two are the same."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import Alternative, Code, LlmResult, Response, TaskKind
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.final_answer_agreement import FinalAnswerAgreement
from plimsoll.metrics.final_answers import final_answer

METRIC = FinalAnswerAgreement()


def result(text: str, *samples: str) -> LlmResult:
    """A result of mathematics with alternatives."""
    return LlmResult(
        ResultKey("default", "r"),
        Response(text),
        task_kind=TaskKind.MATH,
        alternatives=tuple(Alternative(Response(sample)) for sample in samples),
    )


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "Six times seven makes 42.\nAnswer: 42",
        "Six times seven.\n**Final answer:** 42",
        "Six times seven makes more than 40. So the answer is 42.",
        "6 * 7 = 42\n#### 42",
        "We multiply.\nA: 42.0",
        r"Hence $6 \cdot 7 = \boxed{42}$, as was asked.",
        '```json\n{"reasoning": "six times seven", "answer": "42"}\n```',
        '{"answer": 42, "reasoning": "six times seven"}',
        "B) 42",
        "42 dollars",
    ],
)
def test_an_answer_is_found_where_it_stands(text: str) -> None:
    """Short texts, marks, boxes, JSON and options all end with 42."""
    found = final_answer(text)
    assert found is not None
    assert found.value == 42.0


@pytest.mark.parametrize("text", ["", " \n", "First one thing.\nThen another.", "word " * 60])
def test_a_long_text_without_a_mark_has_none(text: str) -> None:
    """The end of an essay is not taken for an answer."""
    assert final_answer(text) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("$1,200", "1200.0", True),
        ("1.54545", "1.5455", True),
        ("The Eiffel Tower.", "eiffel tower", True),
        ("x - 1", "x-1", True),
        ("x-1", "x+1", False),
        ("12", "13", False),
        ("Paris", "12", False),
        ("'w)))'", "'w))))'", False),
    ],
)
def test_answers_are_compared_as_what_they_are(one: str, other: str, *, same: bool) -> None:
    """Numbers by value to a thousandth, prose by its words, and in all else every sign counts."""
    first, second = final_answer(one), final_answer(other)
    assert first is not None
    assert second is not None
    assert first.same_as(second) is same
    assert second.same_as(first) is same


def test_the_share_counts_every_sample() -> None:
    """Two of four agree; one that ends with nothing does not."""
    samples = ("7 + 35 = 42\nAnswer: 42", "42", "41", "Let us think.\nThis is hard.")
    score = evaluate(METRIC, result("6 * 7 is 42.\nAnswer: 42", *samples))
    assert score.value == 0.5
    assert score.raw_value == 2.0


def test_a_response_without_an_answer_is_an_absence() -> None:
    """Not applicable, which does not widen."""
    absence = evaluate(METRIC, result("One thing.\nAnother thing.", "42")).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_APPLICABLE


def test_code_has_no_final_answer() -> None:
    """A function is compared by other metrics."""
    program = LlmResult(
        ResultKey("default", "r"),
        Response("def f(): return 1"),
        code=Code("def f(): return 1", "python"),
        alternatives=(Alternative(Response("def f(): return 1")),),
    )
    absence = evaluate(METRIC, program).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize("mark", ["answer: ", "a:\n", "####\n", "\\boxed{", "1,000 "])
def test_a_long_text_of_marks_is_read_once(mark: str) -> None:
    """Of a hundred thousand marks the last few decide, so that none can stall a reader."""
    assert final_answer(mark * 100_000) == final_answer(mark * 1_000)
