"""Results as records of their topic, as an upstream service sends them."""

from __future__ import annotations

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import result_id_problem, tenant_problem
from plimsoll.domain.record import Headers, OutRecord
from plimsoll.domain.result import LlmResult
from plimsoll.wire.headers import (
    CE_ID,
    CE_SOURCE,
    CE_SPECVERSION,
    CE_TYPE,
    CONTENT_TYPE,
    JSON,
    PROTOBUF,
    RESULT_TYPE,
    TRACEPARENT,
    TRACESTATE,
)
from plimsoll.wire.json_values import to_json
from plimsoll.wire.results import result_to_proto


def encode_result(
    result: LlmResult,
    topic: str,
    content_type: str = PROTOBUF,
    *,
    source: str = "plimsoll/publisher",
    traceparent: str = "",
    tracestate: str = "",
) -> OutRecord:
    """The record of a result; PoisonError where its ID or tenant is not one."""
    key = result.key
    problem = tenant_problem(key.tenant) or result_id_problem(key.result_id)
    if problem:
        raise PoisonError("bad_id", problem)
    message = result_to_proto(result)
    if content_type == JSON:
        value = to_json(message).encode()
    elif content_type == PROTOBUF:
        value = message.SerializeToString(deterministic=True)
    else:
        raise ValueError(f"content_type {content_type!r} is neither {PROTOBUF} nor {JSON}")
    headers: Headers = (
        (CONTENT_TYPE, content_type.encode()),
        (CE_SPECVERSION, b"1.0"),
        (CE_TYPE, RESULT_TYPE.encode()),
        (CE_ID, key.encode()),
        (CE_SOURCE, source.encode()),
    )
    if traceparent:
        headers = (*headers, (TRACEPARENT, traceparent.encode()))
    if traceparent and tracestate:
        headers = (*headers, (TRACESTATE, tracestate.encode()))
    return OutRecord(topic, key.encode(), value, headers)
