"""Names of record headers, and how they are read."""

from __future__ import annotations

import re

from plimsoll.domain.record import Headers, Record

CONTENT_TYPE = "content-type"
PROTOBUF = "application/protobuf"
JSON = "application/json"
TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"

# CloudEvents 1.0, binary mode over Kafka.
CE_ID = "ce_id"
CE_SOURCE = "ce_source"
CE_TYPE = "ce_type"
CE_TIME = "ce_time"
CE_SPECVERSION = "ce_specversion"

# The event type is the message's full name, and no other spelling of it is read.
RESULT_TYPE = "plimsoll.v1.LlmResult"
BATCH_TYPE = "plimsoll.v1.LlmResultBatch"
SCORED_TYPE = "plimsoll.v1.ScoredResult"
FEEDBACK_TYPE = "plimsoll.v1.Feedback"
RESCORE_TYPE = "plimsoll.v1.RescoreRequest"
QUALITY_TYPE = "plimsoll.v1.QualityWindow"
ERASURE_ORDER_TYPE = "plimsoll.v1.ErasureOrder"
ERASURE_RECEIPT_TYPE = "plimsoll.v1.ErasureReceipt"
LEARNED_TYPE = "plimsoll.v1.LearnedScope"

# On scored events, so that a consumer can filter, and tell what is visible, without decoding.
REVISION = "plimsoll-revision"
CONFIDENCE = "plimsoll-confidence"
LOWER_BOUND = "plimsoll-lower-bound"
VERDICT = "plimsoll-verdict"
ABSENCE = "plimsoll-absence"

# On records that are put back: only this result of the record is to be scored.
ONLY_INDEX = "plimsoll-only-index"
REDRIVEN_FROM = "plimsoll-redriven-from"
# Where the record stood when it first came: its results without an ID are named by that place.
FIRST_AT = "plimsoll-first-at"
# On dead letters whose bytes no topic would take: their SHA-256, hexadecimal.
LEFT_AT_SOURCE = "plimsoll-left-at-source"

# The reason of a dead letter that speaks for a tenant that its topic may not.
TENANT_DENIED = "tenant_denied"

# W3C Trace Context: version ff and IDs of nothing but zeros are invalid.
_TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


def text_header(record: Record, name: str) -> str:
    """The first header of that name as text; '' where there is none or it is not UTF-8."""
    value = record.header(name)
    return value.decode("utf-8", "replace") if value else ""


def traceparent_of(record: Record) -> str:
    """The W3C trace context that came with a record; '' where there is none that is valid."""
    value = record.header(TRACEPARENT) if record.headers else None
    return value.decode() if value is not None and _TRACEPARENT.fullmatch(value) else ""


def valid_traceparent(text: str) -> str:
    """The same; '' where it is no W3C trace context."""
    return text if _TRACEPARENT.fullmatch(text.encode("utf-8", "replace")) else ""


def event_headers(ce_type: str, ce_id: str, ce_source: str, traceparent: str = "") -> Headers:
    """CloudEvents headers of a protobuf value."""
    headers: Headers = (
        (CONTENT_TYPE, b"application/protobuf"),
        (CE_SPECVERSION, b"1.0"),
        (CE_TYPE, ce_type.encode()),
        (CE_ID, ce_id.encode()),
        (CE_SOURCE, ce_source.encode()),
    )
    return (*headers, (TRACEPARENT, traceparent.encode())) if traceparent else headers
