"""Quotations that stand in the context, and those that do not."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import TaskKind
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.quote_containment import QuoteContainment
from plimsoll.metrics.quotes import quotes
from tests.unit.metrics.grounded import cut_out, grounded, of, reason

METRIC = QuoteContainment()
CONTEXT = "The mayor said: we will rebuild the old bridge by June, whatever it costs."


@pytest.mark.parametrize(
    "text",
    [
        'He said "we will rebuild the old bridge".',
        "He said \u201cWe will  rebuild the old bridge,\u201d and left.",
        "\u201eWe will rebuild the old bridge\u201c, sagte er.",
        "Il a dit \u00abwe will rebuild the old bridge\u00bb.",
        'He said "we will rebuild ... by June".',
        'He said "we will rebuild [\u2026] whatever it costs."',
    ],
)
def test_a_quotation_of_the_context_is_supported(text: str) -> None:
    """Case, blanks, marks, closing punctuation and an ellipsis do not make it wrong."""
    assert of(METRIC, text, "something else", CONTEXT).value == 1.0


@pytest.mark.parametrize(
    "quote",
    [
        "we will rebuild the new bridge",
        "we will not rebuild the old bridge",
        "whatever it costs ... we will rebuild",
    ],
)
def test_a_quotation_with_another_word_or_order_is_not(quote: str) -> None:
    """One word changed, added, or parts in another order stand nowhere."""
    score = of(METRIC, f'He said "{quote}".', CONTEXT)
    assert score.value == 0.0
    assert [item.kind for item in score.evidence] == ["unsupported_quote"]


def test_offsets_of_the_quotation_and_of_its_source() -> None:
    """Both are cut out, also behind a character outside the basic plane."""
    text = '\U0001d518 "we will rebuild the old bridge" and "the moon is made of cheese"'
    score = evaluate(METRIC, grounded(text, "x", "\U0001d518 " + CONTEXT))
    assert score.value == 0.5
    assert cut_out(score, "unsupported_quote", text) == ["the moon is made of cheese"]
    assert cut_out(score, "quoted_passage", "\U0001d518 " + CONTEXT) == [
        "we will rebuild the old bridge"
    ]
    assert [item.ref for item in score.evidence if item.kind == "quoted_passage"] == ["context[1]"]


def test_short_quotations_are_names_and_irony() -> None:
    """Two words in marks claim no quotation, nor does the title of a work."""
    for text in ('the "old bridge" and "it"', 'He saw "Star Wars: The Clone Wars".'):
        assert reason(of(METRIC, text, CONTEXT)) is AbsenceReason.NOT_APPLICABLE


def test_a_quotation_of_the_request_claims_nothing() -> None:
    """What the question quotes is not counted."""
    asked = 'Who said "the moon is made of cheese"?'
    score = of(METRIC, 'Nobody said "the moon is made of cheese".', CONTEXT, question=asked)
    assert reason(score) is AbsenceReason.NOT_APPLICABLE


def test_strings_of_code_and_json_are_no_quotations() -> None:
    """Marks around data quote nobody."""
    for answer in (
        grounded('{"a": "one two three four"}', CONTEXT),
        grounded('print("one two three four")', CONTEXT, kind=TaskKind.CODE),
    ):
        assert reason(evaluate(METRIC, answer)) is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize(
    "mark", ['"', "\u201c", "\u201d", "\u00ab", "\u00bb", "\u201e", "\u201c\u201d", '" ']
)
def test_a_megabyte_of_marks_holds_no_quotation(mark: str) -> None:
    """Marks that open and never hold words are read through once and found empty."""
    assert quotes(mark * (1_000_000 // len(mark))) == []


def test_too_many_quotations_are_too_large() -> None:
    """Ten thousand quotations against a long context are refused, not searched."""
    text = '"one two three" ' * 10_000
    assert reason(of(METRIC, text, CONTEXT * 3_000)) is AbsenceReason.INPUT_TOO_LARGE
