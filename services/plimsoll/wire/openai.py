"""Results of OpenAI's clients: chat completions and responses, as objects or dictionaries.

Fields as in the API reference of `chat/completions` and `responses`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import (
    Alternative,
    GenAi,
    LlmResult,
    LogprobOrigin,
    Message,
    Response,
    SampledBy,
    Tokens,
    ToolCall,
    Usage,
)
from plimsoll.wire.plain import count_of, entries, number_of, plain, section, text_of


def result_from_openai(
    answer: object, key: ResultKey, request: Mapping[str, Any] | None = None
) -> LlmResult:
    """A result of what the client answered; `request` holds the arguments of the call.

    Further choices become alternatives. ValueError says what could not be read.
    """
    value = plain(answer, "the answer")
    asked = plain(request or {}, "the request")
    if "choices" in value:
        responses = [_chat_response(choice) for choice in entries(value, "choices")]
        usage = _chat_usage(section(value, "usage"))
    elif "output" in value:
        responses = [_responses_response(value)]
        usage = _responses_usage(section(value, "usage"))
    else:
        raise ValueError("the answer has neither choices (chat) nor output (responses)")
    if not responses:
        raise ValueError("the answer has no choice")
    first, *others = responses
    return LlmResult(
        key=key,
        response=first,
        create_time=_create_time(value),
        gen_ai=_gen_ai(value, asked),
        messages=tuple(_messages(asked)),
        alternatives=tuple(Alternative(other, SampledBy.PRODUCER) for other in others),
        usage=usage,
    )


def _chat_response(choice: Mapping[str, Any]) -> Response:
    message = section(choice, "message")
    return Response(
        text=text_of(message, "content") or text_of(message, "refusal"),
        tool_calls=tuple(_tool_calls(message)),
        finish_reason=text_of(choice, "finish_reason"),
        tokens=_tokens(list(entries(section(choice, "logprobs"), "content"))),
        # Servers other than OpenAI's put the trace here.
        reasoning=text_of(message, "reasoning_content") or text_of(message, "reasoning"),
    )


def _tool_calls(message: Mapping[str, Any]) -> Iterable[ToolCall]:
    for call in entries(message, "tool_calls"):
        function = section(call, "function")
        yield ToolCall(
            text_of(call, "id"), text_of(function, "name"), text_of(function, "arguments")
        )


def _responses_response(value: Mapping[str, Any]) -> Response:
    texts: list[str] = []
    calls: list[ToolCall] = []
    traces: list[str] = []
    logprobs: list[Mapping[str, Any]] = []
    for item in entries(value, "output"):
        kind = text_of(item, "type")
        if kind == "message":
            for part in entries(item, "content"):
                texts.append(text_of(part, "text") or text_of(part, "refusal"))
                logprobs += entries(part, "logprobs")
        elif kind == "function_call":
            call_id = text_of(item, "call_id") or text_of(item, "id")
            calls.append(ToolCall(call_id, text_of(item, "name"), text_of(item, "arguments")))
        elif kind == "reasoning":
            traces += [text_of(part, "text") for part in entries(item, "summary")]
            traces += [text_of(part, "text") for part in entries(item, "content")]
    why = text_of(section(value, "incomplete_details"), "reason")
    return Response(
        text="".join(texts),
        tool_calls=tuple(calls),
        finish_reason=why or text_of(value, "status"),
        tokens=_tokens(logprobs),
        reasoning="\n".join(traces),
    )


def _tokens(columns: list[Mapping[str, Any]]) -> Tokens | None:
    if not columns:
        return None
    tops = [list(entries(column, "top_logprobs")) for column in columns]
    counts = tuple(map(len, tops))
    flat = [entry for top in tops for entry in top]
    return Tokens(
        logprobs=tuple(_logprob(column) for column in columns),
        texts=tuple(text_of(column, "token") for column in columns),
        top_k=max(counts),
        top_counts=counts if len(set(counts)) > 1 else (),
        top_logprobs=tuple(_logprob(entry) for entry in flat),
        top_texts=tuple(text_of(entry, "token") for entry in flat),
        # The API does not say whether temperature is in them.
        origin=LogprobOrigin.UNSPECIFIED,
    )


def _logprob(entry: Mapping[str, Any]) -> float:
    number = number_of(entry, "logprob")
    if number is None:
        raise ValueError("a token without logprob")
    return number


def _create_time(value: Mapping[str, Any]) -> datetime | None:
    seconds = number_of(value, "created" if "created" in value else "created_at")
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _gen_ai(value: Mapping[str, Any], asked: Mapping[str, Any]) -> GenAi:
    limits = ("max_completion_tokens", "max_output_tokens", "max_tokens")
    return GenAi(
        provider_name="openai",
        request_model=text_of(asked, "model") or text_of(value, "model"),
        response_model=text_of(value, "model"),
        response_id=text_of(value, "id"),
        request_temperature=number_of(asked, "temperature"),
        request_top_p=number_of(asked, "top_p"),
        request_max_tokens=next((n for k in limits if (n := count_of(asked, k)) is not None), None),
        request_seed=count_of(asked, "seed"),
        request_choice_count=count_of(asked, "n"),
    )


def _messages(asked: Mapping[str, Any]) -> Iterable[Message]:
    if instructions := text_of(asked, "instructions"):
        yield Message("system", instructions)
    given = asked.get("input")
    if isinstance(given, str):
        yield Message("user", given)
        return
    for message in entries(asked, "messages" if "messages" in asked else "input"):
        role = text_of(message, "role")
        # Newer models call the system's part the developer's.
        told = Message("system" if role == "developer" else role, _content(message.get("content")))
        calls = tuple(_tool_calls(message))
        yield replace(told, tool_calls=calls, tool_call_id=text_of(message, "tool_call_id"))


def _content(content: object) -> str:
    """The text of a message; parts that are no text are left out."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "".join(text_of(part, "text") for part in entries({"content": content}, "content"))


def _chat_usage(usage: Mapping[str, Any]) -> Usage | None:
    if not usage:
        return None
    details = section(usage, "completion_tokens_details")
    return Usage(
        count_of(usage, "prompt_tokens"),
        count_of(usage, "completion_tokens"),
        count_of(details, "reasoning_tokens"),
    )


def _responses_usage(usage: Mapping[str, Any]) -> Usage | None:
    if not usage:
        return None
    details = section(usage, "output_tokens_details")
    return Usage(
        count_of(usage, "input_tokens"),
        count_of(usage, "output_tokens"),
        count_of(details, "reasoning_tokens"),
    )
