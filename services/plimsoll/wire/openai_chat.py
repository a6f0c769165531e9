"""Chat completions, of OpenAI and of what speaks like it (Azure, vLLM, OpenRouter)."""

from __future__ import annotations

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import Alternative, LlmResult, Response, SampledBy, Usage
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


def result_from_chat(answer: object, request: object, key: ResultKey, provider: str) -> LlmResult:
    """The first choice as the response, further ones as alternatives."""
    choices = sorted(items(answer, "choices"), key=lambda choice: integer(choice, "index") or 0)
    if not choices:
        raise ValueError("choices is empty: a completion without a choice has no response")
    asked = items(request, "messages")
    gen_ai = gen_ai_of(answer, request, provider)
    return LlmResult(
        key=key,
        response=_response(choices[0]),
        create_time=time_of(answer, "created"),
        gen_ai=gen_ai,
        messages=messages_of(asked),
        alternatives=tuple(
            Alternative(
                _response(choice), SampledBy.PRODUCER, temperature=gen_ai.request_temperature
            )
            for choice in choices[1:]
        ),
        expectations=expectations_of(answer, request),
        usage=_usage(field(answer, "usage")),
        attributes=attributes_of(answer, request, asked),
    )


def _response(choice: object) -> Response:
    message, logprobs = field(choice, "message"), field(choice, "logprobs")
    content = joined_text(field(message, "content"), "")
    refusal = text(message, "refusal")
    calls = [tool_call_of(call) for call in items(message, "tool_calls")]
    if field(message, "function_call") is not None:
        calls.append(tool_call_of(field(message, "function_call")))
    refused = bool(refusal and not content)
    return Response(
        text=refusal if refused else content,
        tool_calls=tuple(calls),
        # A refusal of structured output ends with "stop", which says less than is known.
        finish_reason="refusal" if refused else text(choice, "finish_reason"),
        tokens=tokens_of(items(logprobs, "refusal" if refused else "content")),
        # vLLM and DeepSeek write the one, OpenRouter and later vLLM the other.
        reasoning=text(message, "reasoning_content") or text(message, "reasoning"),
    )


def _usage(usage: object) -> Usage | None:
    if usage is None:
        return None
    details = field(usage, "completion_tokens_details")
    return Usage(
        integer(usage, "prompt_tokens"),
        integer(usage, "completion_tokens"),
        integer(details, "reasoning_tokens"),
    )
