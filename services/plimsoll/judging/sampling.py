"""Asking a result's request again: the calls for alternatives, and what came back as answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import TEXT, JudgeCall, JudgeReply, JudgeTraits, Parameter
from plimsoll.domain.plan import Resampling
from plimsoll.domain.result import (
    LEFT_OUT,
    TOOL_DEFINITIONS,
    Alternative,
    LlmResult,
    Message,
    Pairs,
    Response,
    SampledBy,
)
from plimsoll.judging.material import MAX_CHARS

_SYSTEM = frozenset({"system", "developer"})
_TURNS = frozenset({"user", "assistant"})


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request in the words that it was sent in: `material` is the last turn, the user's."""

    system: str
    before: Pairs
    material: str


def prompt(result: LlmResult) -> Prompt | Absence:
    """What the result's model was asked, where the result holds the whole of it.

    An answer to half a request is an answer to another: where something was left out of the
    result, or stands elsewhere, there is an absence that says what.
    """
    messages = [message for message in result.messages if _is_there(message)]
    missing = _missing(result, messages)
    if missing:
        return Absence(AbsenceReason.INPUT_MISSING, f"cannot be asked again: {missing}")
    size = sum(len(message.text) for message in messages)
    if size > MAX_CHARS:
        detail = f"{size} characters to ask again, {MAX_CHARS} are asked"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    system = "\n\n".join(message.text for message in messages if message.role in _SYSTEM)
    turns = tuple((m.role, m.text) for m in messages if m.role in _TURNS)
    return Prompt(system, turns[:-1], turns[-1][1])


def calls(asked: Prompt, how: Resampling, model: str, traits: JudgeTraits) -> tuple[JudgeCall, ...]:
    """One call an alternative; a model that takes no temperature draws at its own."""
    return tuple(
        JudgeCall(
            model=model,
            system=asked.system,
            material=asked.material,
            form=None,
            max_output_tokens=how.max_output_tokens,
            temperature=how.temperature if traits.temperature else None,
            sample_index=index,
            metadata=(("purpose", "resampling"),),
            before=asked.before,
        )
        for index in range(how.samples)
    )


def alternative(call: JudgeCall, reply: JudgeReply) -> Alternative | Absence:
    """The answer, marked as sampled by us, or why there is none."""
    if reply.verdict is None:
        return reply.absence or Absence(AbsenceReason.PROVIDER_ERROR, "no reply")
    text = reply.verdict.get(TEXT)
    if not isinstance(text, str):
        return Absence(AbsenceReason.PARSE_FAILED, "the reply holds no text")
    refused = Parameter.TEMPERATURE in reply.dropped
    return Alternative(
        Response(text, finish_reason=reply.stop_reason, tokens=reply.tokens),
        SampledBy.PLIMSOLL,
        call.model,
        None if refused else call.temperature,
    )


def _is_there(message: Message) -> bool:
    """Whether a message says anything, here or elsewhere."""
    return bool(message.text or message.tool_calls or message.content_ref)


def _missing(result: LlmResult, messages: list[Message]) -> str:
    """What keeps the request from being asked as it was; empty where nothing does."""
    given = {name for name, _ in result.attributes}
    turns = _turns(messages)
    tools = any(m.role == "tool" or m.tool_calls for m in messages) or TOOL_DEFINITIONS in given
    reasons = {
        "the result carries no messages": not messages,
        "a message is a reference to another place": any(m.content_ref for m in messages),
        "the request offers tools, which are not there to be called": tools,
        "parts of the request are no text": LEFT_OUT in given,
        "a message has a role that is not known": len(turns)
        != sum(message.role not in _SYSTEM for message in messages),
        "the conversation does not begin and end with its user": [*turns[:1], *turns[-1:]]
        != ["user", "user"],
        "the context is no part of the messages": not all(
            _holds(messages, text) for text in _documents(result)
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _turns(messages: list[Message]) -> list[str]:
    return [message.role for message in messages if message.role in _TURNS]


def _documents(result: LlmResult) -> Iterator[str]:
    """Texts of the context, blanks folded; one that stands elsewhere is missing anyway."""
    return (" ".join(document.text.split()) for document in result.context)


def _holds(messages: list[Message], document: str) -> bool:
    return any(document in " ".join(message.text.split()) for message in messages)
