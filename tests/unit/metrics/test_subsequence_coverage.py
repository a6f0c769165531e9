"""ROUGE-L precision against the context."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import Document, LlmResult, Response
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.subsequence_coverage import MAX_CELLS, SubsequenceCoverage

METRIC = SubsequenceCoverage()


def result(text: str, *context: str) -> LlmResult:
    """A response to documents."""
    return LlmResult(
        ResultKey("default", "r"), Response(text), context=tuple(Document(c) for c in context)
    )


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("The cat sat.", 1.0),
        ("The cat on the mat", 1.0),
        ("the mat sat", 2 / 3),
        ("a dog ran", 0.0),
        ("THE CAT ... SAT!", 1.0),
    ],
)
def test_words_count_in_the_order_of_the_context(text: str, share: float) -> None:
    """Of "the cat sat on the mat", words in order count, apart or not; out of order one is lost."""
    score = evaluate(METRIC, result(text, "The cat sat", "on the mat"))
    assert score.value == pytest.approx(share)


def test_a_response_without_a_word_is_an_absence() -> None:
    """Signs alone are not applicable; no context at all is what the need says."""
    signs = evaluate(METRIC, result("?!", "The cat sat")).absence
    assert signs is not None
    assert signs.reason is AbsenceReason.NOT_APPLICABLE
    assert evaluate(METRIC, result("The cat")).value is None


def test_texts_too_long_to_compare_are_an_absence() -> None:
    """A table of more than five thousand million cells is not begun."""
    text = "ab " * 72_000
    assert (len(text) // 3) ** 2 > MAX_CELLS
    absence = evaluate(METRIC, result(text, text)).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INPUT_TOO_LARGE
