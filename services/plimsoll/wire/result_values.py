"""LLM results: from protobuf to values."""

from __future__ import annotations

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.quick import quick
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
from plimsoll.wire.times import to_datetime

# What a record has many of, or fields.
_LlmResult = quick(LlmResult)
_GenAi = quick(GenAi)
_Response = quick(Response)
_Tokens = quick(Tokens)
_Message = quick(Message)
_Alternative = quick(Alternative)
_Document = quick(Document)
# Looked up once: a generated class finds its constants slowly.
_TEXT = result_pb2.Response.TEXT_FIELD_NUMBER
_MESSAGE_TEXT = result_pb2.Message.TEXT_FIELD_NUMBER


def result_from_proto(message: result_pb2.LlmResult, key: ResultKey) -> LlmResult:
    """The value of a message under a checked key; ValueError for times out of range."""
    has = message.HasField
    return _LlmResult(
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
    return _GenAi(
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
        return _Response(fields[0][1])
    has = message.HasField
    return _Response(
        message.text,
        tuple(map(_tool_call, message.tool_calls)),
        message.finish_reason,
        _tokens(message.tokens) if has("tokens") else None,
        message.reasoning,
        _content_ref(message.content_ref) if has("content_ref") else None,
    )


def _tokens(message: result_pb2.Tokens) -> Tokens:
    return _Tokens(
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
        return _Message(fields[0][1], fields[1][1])
    return _Message(
        message.role,
        message.text,
        tuple(map(_tool_call, message.tool_calls)),
        message.tool_call_id,
        _content_ref(message.content_ref) if message.HasField("content_ref") else None,
    )


def _alternative(message: result_pb2.Alternative) -> Alternative:
    return _Alternative(
        _response(message.response),
        SAMPLED_BY[message.sampled_by],
        message.model,
        message.temperature if message.HasField("temperature") else None,
    )


def _document(message: result_pb2.Document) -> Document:
    ref = _content_ref(message.content_ref) if message.HasField("content_ref") else None
    return _Document(message.text, message.id, message.uri, ref)


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
