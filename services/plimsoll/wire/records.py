"""Records of a results topic: from bytes to zero or more results, or what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import DecodeError

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import (
    DEFAULT_TENANT,
    ResultKey,
    derived_result_id,
    result_id_problem,
    tenant_problem,
)
from plimsoll.domain.quick import quick
from plimsoll.domain.record import Record
from plimsoll.domain.result import LlmResult
from plimsoll.v1 import result_pb2
from plimsoll.wire.digests import input_digest
from plimsoll.wire.framing import without_framing, without_json_framing
from plimsoll.wire.headers import (
    BATCH_TYPE,
    CE_TYPE,
    CONTENT_TYPE,
    FIRST_AT,
    JSON,
    LEFT_AT_SOURCE,
    ONLY_INDEX,
    RESULT_TYPE,
    TENANT_DENIED,
)
from plimsoll.wire.json_values import batch_from_json, result_from_json
from plimsoll.wire.numbers import number_problem
from plimsoll.wire.results import result_from_proto

_INDEX_DIGITS = 9
# A topic as Kafka allows it, its partition and offset.
_PLACE = re.compile(rb"([A-Za-z0-9._-]{1,249})/(\d{1,10})/(\d{1,19})")
# What Kafka writes where a client gave none.
_NO_TIME = -1
# From the year 1 to 9999, in milliseconds since the epoch; a producer may have meant other units.
_FIRST_MS, _END_MS = -62_135_596_800_000, 253_402_300_800_000
_PROTOBUF_TYPES = frozenset({"", "application/protobuf", "application/x-protobuf"})


@dataclass(frozen=True, slots=True)
class IngestRules:
    """What a source topic may carry; `allowed_tenants` None allows every tenant."""

    default_type: str = RESULT_TYPE
    allowed_tenants: frozenset[str] | None = None
    framing: bool = False
    max_bytes: int = 1_048_576
    # A megabyte holds half a million empty results, each of which would be a dead letter.
    max_results: int = 1_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """One result of a record; `unknown_fields` names JSON fields that nobody knows, at most 8."""

    index: int
    result: LlmResult
    input_digest: str
    unknown_fields: tuple[str, ...] = ()


Item = Decoded | PoisonError
_Decoded = quick(Decoded)
_Parsed = TypeVar("_Parsed")


def decode(record: Record, rules: IngestRules) -> tuple[Item, ...]:
    """Every result of a record in order, or a PoisonError in its place.

    One error without an index stands for the whole record where its bytes cannot be read at all.
    """
    try:
        messages, unknown = _messages(record, rules)
        only = _only_index(record, len(messages))
    except PoisonError as error:
        return (_claimed(error, record, rules),)
    items: list[Item] = []
    for index, message in enumerate(messages):
        if only is not None and index != only:
            continue
        try:
            items.append(_decoded(message, index, record, rules, unknown))
        except PoisonError as error:
            items.append(error)
    return tuple(items)


def _decoded(
    message: result_pb2.LlmResult,
    index: int,
    record: Record,
    rules: IngestRules,
    unknown: tuple[str, ...],
) -> Decoded:
    key = _key(message, index, record, rules)
    if not message.HasField("response"):
        raise PoisonError("missing_field", "response is required and not there", index, key)
    # The IDs in force belong to the input, whether the producer sent them or they were derived.
    message.tenant, message.result_id = key.tenant, key.result_id
    message.DiscardUnknownFields()
    try:
        result = result_from_proto(message, key)
    except ValueError as error:
        raise PoisonError("bad_value", str(error), index, key) from error
    problem = number_problem(result)
    if problem is not None:
        raise PoisonError("bad_value", problem, index, key)
    return _Decoded(index, result, input_digest(message), unknown)


def _key(
    message: result_pb2.LlmResult, index: int, record: Record, rules: IngestRules
) -> ResultKey:
    # The value names the result. A record key that says otherwise only chose the partition.
    tenant = message.tenant or DEFAULT_TENANT
    result_id = message.result_id or derived_result_id(*first_place(record), index)
    problem = tenant_problem(tenant) or result_id_problem(result_id)
    if problem:
        raise PoisonError("bad_id", problem, index)
    if rules.allowed_tenants is not None and tenant not in rules.allowed_tenants:
        raise PoisonError(TENANT_DENIED, f"{record.topic} may not speak for {tenant!r}", index)
    return ResultKey(tenant, result_id)


def first_place(record: Record) -> tuple[str, int, int]:
    """Where the record came first: a redrive moves it, and must not give its results new names."""
    value = record.header(FIRST_AT) if record.headers else None
    found = _PLACE.fullmatch(value) if value is not None else None
    if found is None:
        return record.topic, record.partition, record.offset
    return found[1].decode(), int(found[2]), int(found[3])


def _messages(
    record: Record, rules: IngestRules
) -> tuple[Sequence[result_pb2.LlmResult], tuple[str, ...]]:
    value = record.value
    if record.timestamp_ms == _NO_TIME:
        # Read as a time it would be the last millisecond of 1969, and nobody said that.
        raise PoisonError(
            "bad_value",
            "the record has no time: let its client set one, or the topic "
            "(message.timestamp.type=LogAppendTime)",
        )
    if not _FIRST_MS <= record.timestamp_ms < _END_MS:
        stamp = record.timestamp_ms
        raise PoisonError("bad_value", f"the record's time, {stamp} ms, is no year from 1 to 9999")
    if value is None:
        if record.header(LEFT_AT_SOURCE) is not None:
            raise PoisonError("unreadable", "its bytes cannot be taken apart; they are still there")
        raise PoisonError("empty", "the record has no value (a tombstone)")
    if len(value) > rules.max_bytes:
        raise PoisonError("oversized", f"{len(value)} bytes are more than {rules.max_bytes}")
    content_type, ce_type = _types(record)
    batch = _is_batch(ce_type or rules.default_type)
    if content_type == JSON:
        value = without_json_framing(value, expected=rules.framing)
        return _counted(*(batch_from_json if batch else result_from_json)(value), rules)
    if content_type not in _PROTOBUF_TYPES:
        raise PoisonError("content_type", f"content-type {content_type[:80]!r} is none we read")
    value = without_framing(value, expected=rules.framing)
    if not value and not ce_type:
        # Empty bytes are a valid message of any type.
        raise PoisonError("empty", "the value is empty and no ce_type says what it is")
    if batch:
        return _counted(_parsed(result_pb2.LlmResultBatch.FromString, value).results, (), rules)
    return (_parsed(result_pb2.LlmResult.FromString, value),), ()


def _counted(
    messages: Sequence[result_pb2.LlmResult], unknown: tuple[str, ...], rules: IngestRules
) -> tuple[Sequence[result_pb2.LlmResult], tuple[str, ...]]:
    if len(messages) > rules.max_results:
        raise PoisonError("oversized", f"{len(messages)} results are more than {rules.max_results}")
    return messages, unknown


def _types(record: Record) -> tuple[str, str]:
    content_type = ce_type = ""
    for name, value in record.headers:
        if name == CE_TYPE:
            ce_type = value.decode("utf-8", "replace")
        elif name == CONTENT_TYPE:
            content_type = value.decode("utf-8", "replace").partition(";")[0].strip().lower()
    return content_type, ce_type


def _is_batch(type_name: str) -> bool:
    if type_name == RESULT_TYPE:
        return False
    if type_name == BATCH_TYPE:
        return True
    raise PoisonError(
        "wrong_type", f"ce_type {type_name[:80]!r} is neither {RESULT_TYPE} nor {BATCH_TYPE}"
    )


def _parsed(parse: Callable[[bytes], _Parsed], value: bytes) -> _Parsed:
    try:
        return parse(value)
    except DecodeError as error:
        raise PoisonError("undecodable", f"not a protobuf value: {error}") from error


def _only_index(record: Record, count: int) -> int | None:
    value = record.header(ONLY_INDEX) if record.headers else None
    if value is None:
        return None
    index = int(value) if value.isdigit() and len(value) <= _INDEX_DIGITS else count
    if index >= count:
        # To score none would lose a result in silence; to score all might double its siblings.
        raise PoisonError("bad_value", f"{ONLY_INDEX} names none of {count} results")
    return index


def _claimed(error: PoisonError, record: Record, rules: IngestRules) -> PoisonError:
    """The error itself, or that the record's key names a tenant that the topic may not.

    What cannot be read is looked up by its record's key, and must not be another tenant's.
    """
    tenant, slash, _ = (record.key or b"").partition(b"/")
    allowed = rules.allowed_tenants
    if allowed is None or not slash or tenant.decode("utf-8", "replace") in allowed:
        return error
    return PoisonError(TENANT_DENIED, f"in the record's key; besides, {error.reason}")
