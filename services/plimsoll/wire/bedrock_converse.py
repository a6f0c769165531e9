"""Results of Amazon Bedrock's Converse, as boto3 gives them: dictionaries.

Fields as in the API reference of `bedrock-runtime` Converse. It gives no log-probabilities.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import GenAi, LlmResult, Message, Response, ToolCall, Usage
from plimsoll.wire.plain import count_of, entries, number_of, plain, section, text_of


def result_from_bedrock_converse(
    answer: object, key: ResultKey, request: Mapping[str, Any] | None = None
) -> LlmResult:
    """A result of what `converse` answered; `request` holds the arguments of the call.

    ValueError says what could not be read.
    """
    value = plain(answer, "the answer")
    asked = plain(request or {}, "the request")
    message = section(section(value, "output"), "message")
    if not message:
        raise ValueError("the answer has no output.message")
    return LlmResult(
        key=key,
        response=_response(message, text_of(value, "stopReason")),
        gen_ai=_gen_ai(value, asked),
        messages=tuple(_messages(asked)),
        usage=_usage(section(value, "usage")),
    )


def _response(message: Mapping[str, Any], stop_reason: str) -> Response:
    blocks = list(entries(message, "content"))
    traces = [section(section(b, "reasoningContent"), "reasoningText") for b in blocks]
    return Response(
        text="".join(text_of(block, "text") for block in blocks),
        tool_calls=tuple(_tool_calls(blocks)),
        finish_reason=stop_reason,
        reasoning="\n".join(filter(None, (text_of(trace, "text") for trace in traces))),
    )


def _tool_calls(blocks: Iterable[Mapping[str, Any]]) -> Iterable[ToolCall]:
    for block in blocks:
        if use := section(block, "toolUse"):
            arguments = orjson.dumps(use.get("input")).decode()
            yield ToolCall(text_of(use, "toolUseId"), text_of(use, "name"), arguments)


def _gen_ai(value: Mapping[str, Any], asked: Mapping[str, Any]) -> GenAi:
    settings = section(asked, "inferenceConfig")
    return GenAi(
        provider_name="aws.bedrock",
        request_model=text_of(asked, "modelId"),
        response_id=text_of(section(value, "ResponseMetadata"), "RequestId"),
        request_temperature=number_of(settings, "temperature"),
        request_top_p=number_of(settings, "topP"),
        request_max_tokens=count_of(settings, "maxTokens"),
    )


def _messages(asked: Mapping[str, Any]) -> Iterable[Message]:
    for block in entries(asked, "system"):
        if text := text_of(block, "text"):
            yield Message("system", text)
    for message in entries(asked, "messages"):
        blocks = list(entries(message, "content"))
        text = "".join(text_of(block, "text") for block in blocks)
        calls = tuple(_tool_calls(blocks))
        if text or calls:
            yield Message(text_of(message, "role"), text, calls)
        for block in blocks:
            if reply := section(block, "toolResult"):
                yield Message("tool", _tool_text(reply), (), text_of(reply, "toolUseId"))


def _tool_text(reply: Mapping[str, Any]) -> str:
    parts = entries(reply, "content")
    return "".join(
        orjson.dumps(part["json"]).decode() if "json" in part else text_of(part, "text")
        for part in parts
    )


def _usage(usage: Mapping[str, Any]) -> Usage | None:
    if not usage:
        return None
    return Usage(count_of(usage, "inputTokens"), count_of(usage, "outputTokens"))
