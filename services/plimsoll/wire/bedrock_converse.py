"""Answers of Amazon Bedrock's Converse as results; the client is not needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import (
    LEFT_OUT,
    TOOL_DEFINITIONS,
    GenAi,
    LlmResult,
    Message,
    Pairs,
    Response,
    ToolCall,
    Usage,
)
from plimsoll.wire.client_keys import key_or
from plimsoll.wire.loose import field, integer, items, number, text, written

_PROVIDER = "aws.bedrock"
# Blocks that carry no part of the conversation.
_SILENT = frozenset({"cachePoint"})


def result_from_converse(
    answer: object, request: object = None, *, key: ResultKey | None = None
) -> LlmResult:
    """What `converse` answered, with what it was called with (a dictionary of its arguments).

    Without a `key` the AWS request ID names the result, under the tenant "default". Converse gives
    no log-probabilities. ValueError says what the answer lacks.
    """
    message = field(field(answer, "output"), "message")
    if message is None:
        raise ValueError("output.message is not there: this is no answer of Converse")
    request_id = text(field(answer, "ResponseMetadata"), "RequestId")
    return LlmResult(
        key=key_or(key, request_id),
        response=_response(items(message, "content"), text(answer, "stopReason")),
        gen_ai=_gen_ai(request, request_id),
        messages=tuple(_messages(request)),
        usage=_usage(field(answer, "usage")),
        attributes=_attributes(request),
    )


def _response(blocks: Sequence[object], stop_reason: str) -> Response:
    return Response(
        text="".join(map(_text, blocks)),
        tool_calls=tuple(_tool_calls(blocks)),
        finish_reason=stop_reason,
        reasoning="\n".join(filter(None, map(_reasoning, blocks))),
    )


def _text(block: object) -> str:
    # A cited span stands in a block of its own, in place of a text.
    cited = items(field(block, "citationsContent"), "content")
    return text(block, "text") or "".join(text(part, "text") for part in cited)


def _reasoning(block: object) -> str:
    return text(field(field(block, "reasoningContent"), "reasoningText"), "text")


def _tool_calls(blocks: Sequence[object]) -> Iterator[ToolCall]:
    for block in blocks:
        use = field(block, "toolUse")
        if use is not None:
            arguments = written(field(use, "input"))
            yield ToolCall(text(use, "toolUseId"), text(use, "name"), arguments)


def _messages(request: object) -> Iterator[Message]:
    system = "\n".join(filter(None, map(_text, items(request, "system"))))
    if system:
        yield Message("system", system)
    for message in items(request, "messages"):
        blocks = items(message, "content")
        # Converse answers tools in the user's name.
        for block in blocks:
            answered = field(block, "toolResult")
            if answered is not None:
                said = "\n".join(map(_result_text, items(answered, "content")))
                yield Message("tool", said, tool_call_id=text(answered, "toolUseId"))
        said = "\n".join(filter(None, map(_text, blocks)))
        calls = tuple(_tool_calls(blocks))
        if said or calls:
            yield Message(text(message, "role"), said, calls)


def _result_text(block: object) -> str:
    value = field(block, "json")
    return text(block, "text") if value is None else written(value)


def _gen_ai(request: object, request_id: str) -> GenAi:
    asked = field(request, "inferenceConfig")
    own = field(request, "additionalModelRequestFields")
    top_k = number(own, "top_k")
    return GenAi(
        provider_name=_PROVIDER,
        request_model=text(request, "modelId"),
        response_id=request_id,
        request_temperature=number(asked, "temperature"),
        request_top_p=number(asked, "topP"),
        request_top_k=number(own, "topK") if top_k is None else top_k,
        request_max_tokens=integer(asked, "maxTokens"),
    )


def _usage(usage: object) -> Usage | None:
    if usage is None:
        return None
    return Usage(integer(usage, "inputTokens"), integer(usage, "outputTokens"))


def _attributes(request: object) -> Pairs:
    found: list[tuple[str, str]] = []
    tools = items(field(request, "toolConfig"), "tools")
    if tools:
        found.append((TOOL_DEFINITIONS, written(tools)))
    kinds = sorted(set(_without_text(request)))
    if kinds:
        found.append((LEFT_OUT, ",".join(kinds)))
    return tuple(found)


def _without_text(request: object) -> Iterator[str]:
    """Kinds of blocks that are no text, as `image`."""
    known = {"text", "toolUse", "toolResult", "citationsContent", "reasoningContent"} | _SILENT
    for message in items(request, "messages"):
        for block in items(message, "content"):
            if isinstance(block, dict):
                yield from (kind for kind in block if kind not in known)
