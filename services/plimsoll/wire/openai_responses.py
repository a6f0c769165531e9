"""Answers of OpenAI's Responses interface."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult, Message, Response, ToolCall, Usage
from plimsoll.wire.epoch import time_of
from plimsoll.wire.loose import field, integer, items, text
from plimsoll.wire.openai_logprobs import tokens_of
from plimsoll.wire.openai_requests import (
    attributes_of,
    expectations_of,
    gen_ai_of,
    joined_text,
    messages_of,
    tool_call_of,
)

_CALLS = frozenset({"function_call", "custom_tool_call"})
# As chat completions call it.
_INCOMPLETE = {"max_output_tokens": "length"}


def result_from_responses(
    answer: object, request: object, key: ResultKey, provider: str
) -> LlmResult:
    """All of the answer's output in one response."""
    output = items(answer, "output")
    if not output:
        status = text(answer, "status") or "unknown"
        raise ValueError(f"output is empty (status {status}): there is no response to score")
    asked = _asked(request)
    return LlmResult(
        key=key,
        response=_response(answer, output),
        conversation_id=_conversation_id(answer),
        create_time=time_of(answer, "created_at"),
        gen_ai=gen_ai_of(answer, request, provider),
        messages=(*_instructions(answer, request), *messages_of(asked)),
        expectations=expectations_of(answer, request),
        usage=_usage(field(answer, "usage")),
        attributes=attributes_of(answer, request, asked),
    )


def _asked(request: object) -> Sequence[object]:
    asked = field(request, "input")
    return (
        ({"role": "user", "content": asked},) if isinstance(asked, str) else items(request, "input")
    )


def _instructions(answer: object, request: object) -> tuple[Message, ...]:
    given = text(request, "instructions") or text(answer, "instructions")
    return (Message("system", given),) if given else ()


def _conversation_id(answer: object) -> str:
    conversation = field(answer, "conversation")
    return conversation if isinstance(conversation, str) else text(conversation, "id")


def _response(answer: object, output: Sequence[object]) -> Response:
    parts = [
        part
        for entry in output
        if text(entry, "type") == "message"
        for part in items(entry, "content")
    ]
    calls = tuple(tool_call_of(entry) for entry in output if text(entry, "type") in _CALLS)
    refusal = "".join(text(part, "refusal") for part in parts)
    said = joined_text(parts, "")
    return Response(
        text=said or refusal,
        tool_calls=calls,
        finish_reason="refusal" if refusal and not said else _finish_reason(answer, calls),
        tokens=tokens_of([entry for part in parts for entry in items(part, "logprobs")]),
        reasoning="\n".join(filter(None, map(_reasoning, output))),
    )


def _reasoning(entry: object) -> str:
    if text(entry, "type") != "reasoning":
        return ""
    # The trace itself where an open model shows it, else the provider's summary of it.
    return joined_text(field(entry, "content")) or joined_text(field(entry, "summary"))


def _finish_reason(answer: object, calls: tuple[ToolCall, ...]) -> str:
    status = text(answer, "status")
    if status == "incomplete":
        reason = text(field(answer, "incomplete_details"), "reason")
        return _INCOMPLETE.get(reason, reason or status)
    if status != "completed":
        return status
    return "tool_calls" if calls else "stop"


def _usage(usage: object) -> Usage | None:
    if usage is None:
        return None
    return Usage(
        integer(usage, "input_tokens"),
        integer(usage, "output_tokens"),
        integer(field(usage, "output_tokens_details"), "reasoning_tokens"),
    )
