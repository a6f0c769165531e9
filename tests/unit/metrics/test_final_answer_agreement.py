"""Agreement on final answers: where an answer stands, and which two are the same."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import Alternative, Code, LlmResult, Response, TaskKind
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.final_answer_agreement import FinalAnswerAgreement
from plimsoll.metrics.final_answers import FinalAnswer, final_answers
from plimsoll.metrics.quantities import quantity

METRIC = FinalAnswerAgreement()


def result(text: str, *samples: str) -> LlmResult:
    """A result of mathematics with alternatives."""
    return LlmResult(
        ResultKey("default", "r"),
        Response(text),
        task_kind=TaskKind.MATH,
        alternatives=tuple(Alternative(Response(sample)) for sample in samples),
    )


def final_answer(text: str) -> FinalAnswer | None:
    """The final answer of one text."""
    (found,) = final_answers([text])
    return found


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
        "Six times seven, so the answer is 42. Ask me more!",
        "**Answer**: 42",
    ],
)
def test_an_answer_is_found_where_it_stands(text: str) -> None:
    """Short texts, marks, boxes, JSON and options all end with 42."""
    found = final_answer(text)
    assert found is not None
    assert found.quantity is not None
    assert found.quantity.value == 42


@pytest.mark.parametrize("text", ["", " \n", "First one thing.\nThen another.", "word " * 60])
def test_a_long_text_without_a_mark_has_none(text: str) -> None:
    """The end of an essay is not taken for an answer."""
    assert final_answer(text) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("$1,200", "1200.0", True),
        ("1.54545", "1.5455", True),
        ("1.54545", "1.5465", False),
        ("1999", "2000", False),
        ("1000000", "1000001", False),
        ("42", "42.3", False),
        ("-5", "5", False),
        ("-$5", "$-5", True),
        ("18446744073709551617", "18446744073709551616", False),
        ('{"answer": 18446744073709551617}', '{"answer": 18446744073709551616}', False),
        ("5 km", "5 m", False),
        ("5 km", "5,000 m", True),
        ("5 km", "5", True),
        ("100 \u00b0C", "100 \u00b0F", False),
        ("$5", "\u20ac5", False),
        ("50 cents", "$0.50", True),
        ("$5 million", "5,000,000 dollars", True),
        ("80%", "0.8", True),
        ("80%", "80 percent", True),
        ("80%", "8", False),
        ("16 eggs", "16", True),
        ("3/4", "0.75", True),
        ("1/3", "0.333", True),
        (r"\frac{3}{4}", "3/4", True),
        (r"\boxed{12\text{ cm}}", "12 cm", True),
        ("1 January 2024", "2024-01-01", True),
        ("B) 42", "A) 42", False),
        ("(B)", "B) 42", True),
        ("The Eiffel Tower.", "eiffel tower", True),
        ("The answer is Dr. Smith.", "Dr. Smith", True),
        ("x - 1", "x-1", True),
        ("x-1", "x+1", False),
        ("12", "13", False),
        ("Paris", "12", False),
        ("'w)))'", "'w))))'", False),
    ],
)
def test_answers_are_compared_as_what_they_are(one: str, other: str, *, same: bool) -> None:
    """Whole numbers exactly, decimals as rounded, quantities in one unit, and prose by its words.

    In all else every sign counts.
    """
    first, second = final_answer(one), final_answer(other)
    assert first is not None
    assert second is not None
    assert first.same_as(second) is same
    assert second.same_as(first) is same


@pytest.mark.parametrize("text", ["1e99999999", "9" * 5_000, "1/" + "9" * 400, "1 2 3", "7*6"])
def test_what_is_no_plain_number_is_none(text: str) -> None:
    """Numbers without bounds, several numbers and formulas are compared by their characters."""
    assert quantity(text) is None


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


def test_what_stands_beside_a_text_does_not_change_what_it_ends_with() -> None:
    """Texts are looked at together, and each ends with what it ends with by itself."""
    texts = ["So.\nA: 5", "A: 5", "\u0130 Answer: 6", '{"answer": 7}', "eight", "a\nb", "", "9 km"]
    assert final_answers(texts) == [final_answer(text) for text in texts]
    assert final_answers(texts[3:]) == [final_answer(text) for text in texts[3:]]
