"""LLM results: from protobuf to values and back."""

from __future__ import annotations

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import (
    NO_GEN_AI,
    Alternative,
    Code,
    CodeTest,
    ContentRef,
    Document,
    Expectations,
    GenAi,
    LlmResult,
    Message,
    ParentRef,
    Response,
    Tokens,
    ToolCall,
    Usage,
)
from plimsoll.v1 import common_pb2, result_pb2
from plimsoll.wire.enums import LOGPROB_ORIGIN, SAMPLED_BY, TASK_KIND
from plimsoll.wire.times import set_timestamp, to_datetime

# Looked up once: a generated class finds its constants slowly.
_TEXT = result_pb2.Response.TEXT_FIELD_NUMBER
_MESSAGE_TEXT = result_pb2.Message.TEXT_FIELD_NUMBER
_SAMPLED_BY = result_pb2.Alternative.SAMPLED_BY_FIELD_NUMBER


def result_from_proto(message: result_pb2.LlmResult, key: ResultKey) -> LlmResult:
    """The value of a message under a checked key; ValueError for times out of range."""
    has = message.HasField
    return LlmResult(
        key,
        _response(message.response),
        message.conversation_id,
        message.turn if has("turn") else None,
        message.subject_id,
        to_datetime(message.create_time) if has("create_time") else None,
        TASK_KIND[message.task_kind],
        message.language,
        gen_ai_from_proto(message.gen_ai) if has("gen_ai") else NO_GEN_AI,
        tuple(map(_message, message.messages)),
        _response(message.comparison) if has("comparison") else None,
        tuple(map(_document, message.context)),
        tuple(map(_alternative, message.alternatives)),
        _code(message.code) if has("code") else None,
        _expectations(message.expectations) if has("expectations") else None,
        tuple(map(_parent, message.parents)),
        _usage(message.usage) if has("usage") else None,
        tuple(sorted(message.attributes.items())),
    )


def gen_ai_from_proto(message: result_pb2.GenAi) -> GenAi:
    """Facts of the model."""
    has = message.HasField
    return GenAi(
        message.provider_name,
        message.request_model,
        message.response_model,
        message.response_id,
        message.request_temperature if has("request_temperature") else None,
        message.request_top_p if has("request_top_p") else None,
        message.request_top_k if has("request_top_k") else None,
        message.request_max_tokens if has("request_max_tokens") else None,
        message.request_seed if has("request_seed") else None,
        message.request_choice_count if has("request_choice_count") else None,
        message.output_type,
    )


def _response(message: result_pb2.Response) -> Response:
    # Most responses are text and nothing else, and a result has many of them as alternatives.
    fields = message.ListFields()
    if len(fields) == 1 and fields[0][0].number == _TEXT:
        return Response(fields[0][1])
    has = message.HasField
    return Response(
        message.text,
        tuple(map(_tool_call, message.tool_calls)),
        message.finish_reason,
        _tokens(message.tokens) if has("tokens") else None,
        message.reasoning,
        _content_ref(message.content_ref) if has("content_ref") else None,
    )


def _tokens(message: result_pb2.Tokens) -> Tokens:
    return Tokens(
        tuple(message.logprobs),
        tuple(message.texts),
        message.top_k,
        tuple(message.top_counts),
        tuple(message.top_logprobs),
        tuple(message.top_texts),
        LOGPROB_ORIGIN[message.origin],
        message.model,
    )


def _tool_call(message: result_pb2.ToolCall) -> ToolCall:
    return ToolCall(message.id, message.name, message.arguments)


def _content_ref(message: common_pb2.ContentRef) -> ContentRef:
    return ContentRef(message.uri, message.sha256, message.size_bytes)


def _message(message: result_pb2.Message) -> Message:
    fields = message.ListFields()
    if len(fields) == 2 and fields[1][0].number == _MESSAGE_TEXT and message.role:
        return Message(fields[0][1], fields[1][1])
    return Message(
        message.role,
        message.text,
        tuple(map(_tool_call, message.tool_calls)),
        message.tool_call_id,
        _content_ref(message.content_ref) if message.HasField("content_ref") else None,
    )


def _alternative(message: result_pb2.Alternative) -> Alternative:
    fields = message.ListFields()
    if len(fields) == 2 and fields[1][0].number == _SAMPLED_BY:
        return Alternative(_response(fields[0][1]), SAMPLED_BY[fields[1][1]])
    return Alternative(
        _response(message.response),
        SAMPLED_BY[message.sampled_by],
        message.model,
        message.temperature if message.HasField("temperature") else None,
    )


def _document(message: result_pb2.Document) -> Document:
    ref = _content_ref(message.content_ref) if message.HasField("content_ref") else None
    return Document(message.text, message.id, message.uri, ref)


def _code(message: result_pb2.Code) -> Code:
    tests = tuple(CodeTest(test.name, test.source) for test in message.tests)
    return Code(message.source, message.language, message.entry_point, tests)


def _expectations(message: result_pb2.Expectations) -> Expectations:
    return Expectations(
        message.json_schema, message.regex, tuple(message.enumeration), tuple(message.references)
    )


def _parent(message: result_pb2.ParentRef) -> ParentRef:
    confidence = message.confidence if message.HasField("confidence") else None
    return ParentRef(message.result_id, confidence)


def _usage(message: result_pb2.Usage) -> Usage:
    has = message.HasField
    return Usage(
        message.input_tokens if has("input_tokens") else None,
        message.output_tokens if has("output_tokens") else None,
        message.reasoning_output_tokens if has("reasoning_output_tokens") else None,
    )


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
