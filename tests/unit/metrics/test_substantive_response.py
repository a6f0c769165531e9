"""Responses that answer nothing, by kind, and those that only begin like them."""

from __future__ import annotations

import pytest

from plimsoll.metrics.boilerplate import Boilerplate, boilerplate
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.substantive_response import SubstantiveResponse
from tests.unit.metrics.results import result


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", Boilerplate.EMPTY),
        (" \n\t\u200b", Boilerplate.EMPTY),
        (":", Boilerplate.NO_WORDS),
        ("...", Boilerplate.NO_WORDS),
        ("Thought process:", Boilerplate.OPENER),
        ("Let's solve this problem step by step.", Boilerplate.OPENER),
        ("**Solution**", Boilerplate.OPENER),
        ("\u89e3", Boilerplate.OPENER),
        ("\u304b\u3044\u305b\u3064", Boilerplate.OPENER),
        ("Respuesta", Boilerplate.OPENER),
        ("N/A", Boilerplate.PLACEHOLDER),
        ("[Insert your answer here]", Boilerplate.PLACEHOLDER),
        ("{{answer}}", Boilerplate.PLACEHOLDER),
        ("Internal Server Error", Boilerplate.ERROR_TEXT),
        ("Rate limit exceeded, try again in 20s", Boilerplate.ERROR_TEXT),
        ("I'm sorry, but I can\u2019t help with that.", Boilerplate.REFUSAL),
        ("As an AI language model, I cannot browse the internet.", Boilerplate.REFUSAL),
        ("I am unable to answer this.", Boilerplate.REFUSAL),
        ("Es tut mir leid, aber dabei kann ich nicht helfen.", Boilerplate.REFUSAL),
        ("D\u00e9sol\u00e9, mais je ne peux pas r\u00e9pondre.", Boilerplate.REFUSAL),
        ("\u62b1\u6b49\uff0c\u6211\u65e0\u6cd5\u56de\u7b54\u3002", Boilerplate.REFUSAL),
        ("I don't know.", Boilerplate.NO_ANSWER),
        ("The context does not mention the date.", Boilerplate.NO_ANSWER),
        ("Unanswerable", Boilerplate.NO_ANSWER),
        ("idk", Boilerplate.NO_ANSWER),
        ("IDK, sorry.", Boilerplate.NO_ANSWER),
        ("Honestly, I dunno!", Boilerplate.NO_ANSWER),
        ("No idea.", Boilerplate.NO_ANSWER),
        ("I have absolutely no clue", Boilerplate.NO_ANSWER),
        ("not sure", Boilerplate.NO_ANSWER),
        ("Keine Ahnung", Boilerplate.NO_ANSWER),
        ("Ich wei\u00df es nicht.", Boilerplate.NO_ANSWER),
    ],
)
def test_what_answers_nothing_is_told_by_its_kind(text: str, kind: Boilerplate) -> None:
    """The master keys that fool judges are among them."""
    assert boilerplate(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "None",
        "pass",
        "unclear",
        "IDK stands for I don't know.",
        "idk, maybe Paris",
        "No idea is worth that much.",
        "Not sure-footed, but fast.",
        "Who Knows Where the Time Goes",
        "no",
        "Yes.",
        "42",
        "\u221e",
        "\U0001f388",
        "The solution is 42.",
        "Thought process: 6 * 7 = 42.",
        "Unknown Pleasures was released in 1979.",
        "The text does mention it: in 1889.",
        "I cannot stress enough that it is Paris.",
        "Sorry is the hardest word, by Elton John.",
        "As an AI language model, I cannot taste. " + "The recipe needs butter and flour. " * 20,
    ],
)
def test_what_says_something_is_let_pass(text: str) -> None:
    """Short answers, and long ones that begin with an excuse, say something."""
    assert boilerplate(text) is None


def test_the_metric_names_the_kind() -> None:
    """0 with the kind as evidence, 1 without evidence; the response is not quoted."""
    refused = evaluate(SubstantiveResponse(), result("I'm sorry, I cannot help with that."))
    assert refused.value == 0.0
    assert [(item.kind, item.text) for item in refused.evidence] == [("refusal", "")]
    assert evaluate(SubstantiveResponse(), result("Paris")).value == 1.0


@pytest.mark.parametrize("text", ["sorry " * 100_000, "\u200b" * 500_000, "[insert " * 100_000])
def test_a_long_text_is_decided_by_its_beginning(text: str) -> None:
    """Half a megabyte of excuses is decided as quickly as a page."""
    assert boilerplate(text) in {None, Boilerplate.EMPTY}
