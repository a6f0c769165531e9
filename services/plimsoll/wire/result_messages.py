"""LLM results: from values to protobuf."""

from __future__ import annotations

from plimsoll.domain.result import (
    NO_GEN_AI,
    Alternative,
    Code,
    ContentRef,
    Document,
    Expectations,
    GenAi,
    LlmResult,
    Message,
    Response,
    Tokens,
    ToolCall,
    Usage,
)
from plimsoll.v1 import common_pb2, result_pb2
from plimsoll.wire.enums import LOGPROB_ORIGIN, SAMPLED_BY, TASK_KIND
from plimsoll.wire.times import set_timestamp


def result_to_proto(result: LlmResult) -> result_pb2.LlmResult:
    """The message of a value."""
    message = result_pb2.LlmResult(
        result_id=result.key.result_id,
        tenant=result.key.tenant,
        conversation_id=result.conversation_id,
        turn=result.turn,
        subject_id=result.subject_id,
        task_kind=TASK_KIND.numbers[result.task_kind],  # type: ignore[arg-type] # a number is one
        language=result.language,
        messages=[_message_to_proto(item) for item in result.messages],
        response=_response_to_proto(result.response),
        context=[_document_to_proto(item) for item in result.context],
        alternatives=[_alternative_to_proto(item) for item in result.alternatives],
        parents=[
            result_pb2.ParentRef(result_id=item.result_id, confidence=item.confidence)
            for item in result.parents
        ],
        attributes=dict(result.attributes),
    )
    if result.create_time is not None:
        set_timestamp(message.create_time, result.create_time)
    if result.gen_ai != NO_GEN_AI:
        message.gen_ai.CopyFrom(gen_ai_to_proto(result.gen_ai))
    if result.comparison is not None:
        message.comparison.CopyFrom(_response_to_proto(result.comparison))
    if result.code is not None:
        message.code.CopyFrom(_code_to_proto(result.code))
    if result.expectations is not None:
        message.expectations.CopyFrom(_expectations_to_proto(result.expectations))
    if result.usage is not None:
        message.usage.CopyFrom(_usage_to_proto(result.usage))
    return message


def gen_ai_to_proto(facts: GenAi) -> result_pb2.GenAi:
    """The message of a model's facts."""
    return result_pb2.GenAi(
        provider_name=facts.provider_name,
        request_model=facts.request_model,
        response_model=facts.response_model,
        response_id=facts.response_id,
        request_temperature=facts.request_temperature,
        request_top_p=facts.request_top_p,
        request_top_k=facts.request_top_k,
        request_max_tokens=facts.request_max_tokens,
        request_seed=facts.request_seed,
        request_choice_count=facts.request_choice_count,
        output_type=facts.output_type,
    )


def _response_to_proto(response: Response) -> result_pb2.Response:
    return result_pb2.Response(
        text=response.text,
        tool_calls=[_tool_call_to_proto(call) for call in response.tool_calls],
        finish_reason=response.finish_reason,
        tokens=None if response.tokens is None else _tokens_to_proto(response.tokens),
        reasoning=response.reasoning,
        content_ref=_ref_to_proto(response.content_ref),
    )


def _tokens_to_proto(tokens: Tokens) -> result_pb2.Tokens:
    return result_pb2.Tokens(
        texts=tokens.texts,
        logprobs=tokens.logprobs,
        top_k=tokens.top_k,
        top_counts=tokens.top_counts,
        top_logprobs=tokens.top_logprobs,
        top_texts=tokens.top_texts,
        origin=LOGPROB_ORIGIN.numbers[tokens.origin],  # type: ignore[arg-type] # a number is one
        model=tokens.model,
    )


def _tool_call_to_proto(call: ToolCall) -> result_pb2.ToolCall:
    return result_pb2.ToolCall(id=call.id, name=call.name, arguments=call.arguments)


def _ref_to_proto(ref: ContentRef | None) -> common_pb2.ContentRef | None:
    if ref is None:
        return None
    return common_pb2.ContentRef(uri=ref.uri, sha256=ref.sha256, size_bytes=ref.size_bytes)


def _message_to_proto(message: Message) -> result_pb2.Message:
    return result_pb2.Message(
        role=message.role,
        text=message.text,
        tool_calls=[_tool_call_to_proto(call) for call in message.tool_calls],
        tool_call_id=message.tool_call_id,
        content_ref=_ref_to_proto(message.content_ref),
    )


def _document_to_proto(document: Document) -> result_pb2.Document:
    return result_pb2.Document(
        id=document.id,
        text=document.text,
        uri=document.uri,
        content_ref=_ref_to_proto(document.content_ref),
    )


def _alternative_to_proto(alternative: Alternative) -> result_pb2.Alternative:
    return result_pb2.Alternative(
        response=_response_to_proto(alternative.response),
        sampled_by=SAMPLED_BY.numbers[alternative.sampled_by],  # type: ignore[arg-type] # as above
        model=alternative.model,
        temperature=alternative.temperature,
    )


def _code_to_proto(code: Code) -> result_pb2.Code:
    return result_pb2.Code(
        source=code.source,
        language=code.language,
        entry_point=code.entry_point,
        tests=[result_pb2.CodeTest(name=t.name, source=t.source) for t in code.tests],
    )


def _expectations_to_proto(expected: Expectations) -> result_pb2.Expectations:
    return result_pb2.Expectations(
        json_schema=expected.json_schema,
        regex=expected.regex,
        enumeration=expected.enumeration,
        references=expected.references,
    )


def _usage_to_proto(usage: Usage) -> result_pb2.Usage:
    return result_pb2.Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        reasoning_output_tokens=usage.reasoning_output_tokens,
    )
