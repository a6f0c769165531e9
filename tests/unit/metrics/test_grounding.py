"""Context coverage: what counts as covered, and the span that is not."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import TaskKind
from plimsoll.metrics.context_coverage import ContextCoverage
from plimsoll.metrics.evaluate import evaluate
from tests.unit.metrics.results import result

METRIC = ContextCoverage()


def test_share_of_content_words_found() -> None:
    """Two of three content words stand in the context; function words do not count."""
    score = evaluate(
        METRIC, result("The tower is in Paris, France", context=["A tower in Paris", "is tall"])
    )
    assert score.value == pytest.approx(2 / 3)
    assert score.raw_value == 2.0


def test_evidence_is_the_longest_run_without_support() -> None:
    """The span's offsets cut the unsupported words out of the response."""
    text = "The tower was built by Gustave and Maurice in Paris during 1889"
    score = evaluate(METRIC, result(text, context=["tower built Paris"]))
    (span,) = score.evidence
    assert span.text == "Gustave and Maurice"
    assert text[span.start : span.end] == span.text


def test_offsets_count_code_points_of_the_text_as_written() -> None:
    """Letters that change their length under folding do not shift the span."""
    text = "Straße \ufb01ndet \U0001d518nfug"
    score = evaluate(METRIC, result(text, context=["strasse findet"], language="de"))
    (span,) = score.evidence
    assert text[span.start : span.end] == "\U0001d518nfug"


def test_numbers_count_whole() -> None:
    """1,200 is found as 1200, and 3.5 is not found in 3.6."""
    assert evaluate(METRIC, result("1,200 units", context=["1200 units"])).value == 1.0
    assert evaluate(METRIC, result("3.5 units", context=["3.6 units"])).value == 0.5


def test_stop_words_are_of_one_language() -> None:
    """English function words count as content in a German result."""
    both = result("in die Stadt", context=["Stadt"], language="de")
    assert evaluate(METRIC, both).value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (TaskKind.GROUNDED_QA, AbsenceReason.INPUT_MISSING),
        (TaskKind.SUMMARIZATION, AbsenceReason.INPUT_MISSING),
        (TaskKind.OPEN_QA, AbsenceReason.NOT_APPLICABLE),
        (TaskKind.UNSPECIFIED, AbsenceReason.NOT_APPLICABLE),
    ],
)
def test_a_missing_context_matters_where_answers_are_made_from_one(
    kind: TaskKind, reason: AbsenceReason
) -> None:
    """Without a context, a summary misses an input, and an open question has none to miss."""
    absence = evaluate(METRIC, result(kind=kind)).absence
    assert absence is not None
    assert absence.reason is reason


def test_a_response_of_function_words_has_no_coverage() -> None:
    """`Yes, it is` names nothing that a context could support, except its `yes`."""
    absence = evaluate(METRIC, result("It is", context=["whatever"])).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_APPLICABLE
