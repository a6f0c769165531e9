"""Asking a request again: the whole of it in its own words, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeReply, JudgeTraits, Parameter
from plimsoll.domain.plan import Resampling
from plimsoll.domain.result import (
    LEFT_OUT,
    TOOL_DEFINITIONS,
    ContentRef,
    Document,
    LlmResult,
    Message,
    SampledBy,
    ToolCall,
)
from plimsoll.judging.sampling import Prompt, alternative, calls, prompt
from tests.unit.judging.judged import PLAIN
from tests.unit.metrics.results import result

USER = Message("user", "Capital of France?")
ASKED = replace(result("Paris"), messages=(Message("system", "Be brief."), USER))
HOW = Resampling(samples=3)


def asked(*messages: Message) -> LlmResult:
    return replace(ASKED, messages=messages)


def test_the_request_is_asked_in_its_own_words() -> None:
    """Instructions apart, turns in their order, the last one as the question."""
    turns = (USER, Message("assistant", "Which one?"), Message("user", "Today's."))
    found = prompt(asked(Message("developer", "Be brief."), *turns))
    before = (("user", "Capital of France?"), ("assistant", "Which one?"))
    assert found == Prompt("Be brief.", before, "Today's.")


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (lambda r: replace(r, messages=()), "no messages"),
        (lambda r: replace(r, messages=(Message("user"),)), "no messages"),
        (lambda r: replace(r, messages=(Message("system", "x"),)), "begin and end"),
        (lambda r: replace(r, messages=(USER, Message("assistant", "So"))), "begin and end"),
        (lambda r: replace(r, messages=(Message("assistant", "Hi"), USER)), "begin and end"),
        (lambda r: replace(r, messages=(Message("critic", "x"), USER)), "role"),
        (
            lambda r: replace(
                r, messages=(Message("user", content_ref=ContentRef("s3://a", "", 1)), USER)
            ),
            "another place",
        ),
        (
            lambda r: replace(
                r, messages=(USER, Message("assistant", "", (ToolCall("1", "f", "{}"),)), USER)
            ),
            "tools",
        ),
        (lambda r: replace(r, attributes=((TOOL_DEFINITIONS, "[]"),)), "tools"),
        (lambda r: replace(r, attributes=((LEFT_OUT, "image_url"),)), "no text"),
        (lambda r: replace(r, context=(Document("Paris is in France."),)), "context"),
    ],
)
def test_half_a_request_is_not_asked(spoilt: Callable[[LlmResult], LlmResult], why: str) -> None:
    """What is not whole in the result is `input_missing`, and the detail says what is."""
    found = prompt(spoilt(ASKED))
    assert isinstance(found, Absence)
    assert found.reason is AbsenceReason.INPUT_MISSING
    assert why in found.detail


def test_a_context_that_stands_in_the_messages_is_asked_with_them() -> None:
    """Line breaks of a prompt's template do not make it another context."""
    told = asked(Message("user", "From this:\n  Paris is\n  in France.\nCapital?"))
    assert isinstance(prompt(replace(told, context=(Document("Paris is in France."),))), Prompt)


def test_a_request_of_any_size_is_not_asked() -> None:
    """Above the bound of what judges are shown it is `input_too_large`."""
    found = prompt(asked(Message("user", "x" * 120_001)))
    assert isinstance(found, Absence)
    assert found.reason is AbsenceReason.INPUT_TOO_LARGE


def test_calls_differ_in_their_number_only() -> None:
    """As many as samples, without a form, at the rule's temperature; none where none is taken."""
    made = calls(Prompt("s", (), "m"), HOW, "a-model", PLAIN)
    assert [call.sample_index for call in made] == [0, 1, 2]
    assert {replace(call, sample_index=0) for call in made} == {made[0]}
    assert (made[0].form, made[0].temperature) == (None, 1.0)
    stubborn = calls(Prompt("s", (), "m"), HOW, "a-model", JudgeTraits(temperature=False))
    assert stubborn[0].temperature is None


def test_what_comes_back_is_marked_as_ours() -> None:
    """An alternative says who drew it, from which model, and at which temperature if at any."""
    (call, *_) = calls(Prompt("s", (), "m"), HOW, "a-model", PLAIN)
    found = alternative(call, JudgeReply({"text": "Lyon"}, stop_reason="end_turn"))
    assert not isinstance(found, Absence)
    assert (found.sampled_by, found.model, found.temperature) == (
        SampledBy.PLIMSOLL,
        "a-model",
        1.0,
    )
    assert (found.response.text, found.response.finish_reason) == ("Lyon", "end_turn")
    refused = alternative(call, JudgeReply({"text": "Lyon"}, dropped=(Parameter.TEMPERATURE,)))
    assert not isinstance(refused, Absence)
    assert refused.temperature is None


def test_a_reply_without_text_is_no_alternative() -> None:
    """Its own absence stands, and what holds no text is `parse_failed`."""
    (call, *_) = calls(Prompt("s", (), "m"), HOW, "a-model", PLAIN)
    cut = Absence(AbsenceReason.TRUNCATED, "max_tokens")
    assert alternative(call, JudgeReply(cut)) == cut
    found = alternative(call, JudgeReply({"text": 7}))
    assert isinstance(found, Absence)
    assert found.reason is AbsenceReason.PARSE_FAILED
