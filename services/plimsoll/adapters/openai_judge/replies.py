"""What came back: a completion as a verdict, or as the absence that its end means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from plimsoll.adapters.openai_judge.requests import Prepared
from plimsoll.adapters.verdict_text import read_object, read_plain
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeReply, JudgeUsage
from plimsoll.domain.result import Tokens
from plimsoll.wire.loose import field, integer, items, text
from plimsoll.wire.openai_logprobs import tokens_of

FINISH_REASONS: Mapping[str, AbsenceReason] = {
    "length": AbsenceReason.TRUNCATED,
    "content_filter": AbsenceReason.CONTENT_FILTERED,
    "function_call": AbsenceReason.PARSE_FAILED,
}
# An endpoint that was told which tool to call ends with either.
_ENDS = frozenset({"stop", "tool_calls"})
_LONGEST_NAME = 64


def to_reply(body: object, prepared: Prepared, request_id: str, latency: timedelta) -> JudgeReply:
    """The reply; ValueError where the body is no completion."""
    choices = items(body, "choices")
    if len(choices) != 1:
        raise ValueError(f"{len(choices)} choices")
    (choice,) = choices
    stop = text(choice, "finish_reason")[:_LONGEST_NAME]
    return JudgeReply(
        outcome=_outcome(stop, field(choice, "message"), prepared),
        stop_reason=stop,
        usage=_usage(field(body, "usage")),
        latency=latency,
        service_tier=text(body, "service_tier")[:_LONGEST_NAME],
        request_id=(request_id or text(body, "id"))[:_LONGEST_NAME],
        dropped=prepared.dropped,
        tokens=_tokens(choice, text(body, "model")),
    )


def _outcome(stop: str, message: object, prepared: Prepared) -> Mapping[str, object] | Absence:
    if stop in FINISH_REASONS:
        return Absence(FINISH_REASONS[stop], stop)
    if stop not in _ENDS:
        return Absence(AbsenceReason.PROVIDER_ERROR, "the provider names an end that is not known")
    if text(message, "refusal"):
        return Absence(AbsenceReason.JUDGE_REFUSED, f"{stop}: the judge refuses")
    if not prepared.tool:
        read = read_plain if prepared.plain else read_object
        return read(text(message, "content"), stop)
    calls = [field(call, "function") for call in items(message, "tool_calls")]
    if len(calls) != 1 or text(calls[0], "name") != prepared.tool:
        found = f"{len(calls)} calls of tools, not one of the tool asked for"
        return Absence(AbsenceReason.PARSE_FAILED, f"{stop}: {found}")
    return read_object(text(calls[0], "arguments"), stop)


def _usage(found: object) -> JudgeUsage:
    """Prompts are counted with what the endpoint had in its cache, where it says so."""
    prompt, output = _count(found, "prompt_tokens"), _count(found, "completion_tokens")
    cached = _count(field(found, "prompt_tokens_details"), "cached_tokens")
    if prompt is None or cached is None or cached > prompt:
        return JudgeUsage(prompt, output)
    return JudgeUsage(prompt - cached, output, cached, 0)


def _count(found: object, name: str) -> int | None:
    value = integer(found, name)
    return value if value is not None and value >= 0 else None


def _tokens(choice: object, model: str) -> Tokens | None:
    found = tokens_of(items(field(choice, "logprobs"), "content"))
    return None if found is None else replace(found, model=model)
