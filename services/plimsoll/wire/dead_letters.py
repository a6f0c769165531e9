"""Dead letters: the original bytes, with the facts beside them in headers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey, parse_key
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import Headers, OutRecord, Position, Record
from plimsoll.ports.store import DeadLetterRow
from plimsoll.wire.headers import (
    BATCH_TYPE,
    CE_TYPE,
    CONTENT_TYPE,
    FIRST_AT,
    LEFT_AT_SOURCE,
    ONLY_INDEX,
    REDRIVEN_FROM,
    TENANT_DENIED,
    TRACEPARENT,
    text_header,
)

_PREFIX = "plimsoll-dlq-"
_DETAIL_CHARS = 1_000
# Said of a record whose value is no bytes at all, which a header cannot be told from empty ones.
_NULL = "null"
# Said of a record that died as a whole, with every result in it.
_RECORD = "record"
# Of a dead letter without its bytes: what it still needs to be redriven with mended ones.
_KEPT = frozenset({CONTENT_TYPE, CE_TYPE, TRACEPARENT, FIRST_AT})
_KEPT_BYTES = 256


def encode_dead_letter(  # noqa: PLR0917 - the two times stand last and are named where they differ
    record: Record,
    park: Park,
    topic: str,
    attempts: int,
    first_time: datetime,
    now: datetime,
    key: ResultKey | None = None,
) -> OutRecord:
    """The record as it came, with why and from where; `key` where its result could be told."""
    facts = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "index": str(park.index or 0),
        "reason": park.reason,
        "detail": park.detail[:_DETAIL_CHARS],
        "attempts": str(attempts),
        "first-time": first_time.isoformat(),
        "last-time": now.isoformat(),
    }
    if key is not None:
        facts["result-key"] = str(key)
    if record.value is None:
        facts["value"] = _NULL
    if park.index is None:
        facts["scope"] = _RECORD
    kept = tuple(h for h in record.headers if not h[0].startswith(_PREFIX))
    ours = tuple(
        (f"{_PREFIX}{name}", text.encode("utf-8", "replace")) for name, text in facts.items()
    )
    return OutRecord(topic, record.key, record.value or b"", (*kept, *ours))


def by_reference(record: Record) -> tuple[Record, str]:
    """The record without its bytes, and a sentence that names them."""
    value = record.value or b""
    digest = hashlib.sha256(value).hexdigest()
    named = f"{len(value)} bytes, sha256 {digest}, are left at their source"
    kept = tuple(h for h in record.headers if h[0] in _KEPT and len(h[1]) <= _KEPT_BYTES)
    return record._replace(value=b"", headers=(*kept, (LEFT_AT_SOURCE, digest.encode()))), named


def facts_of(record: Record) -> Mapping[str, str]:
    """The facts of a dead letter by name, without their prefix."""
    return {
        name[len(_PREFIX) :]: value.decode("utf-8", "replace")
        for name, value in record.headers
        if name.startswith(_PREFIX)
    }


def dead_letter_row(record: Record) -> DeadLetterRow:
    """What the store keeps of a dead letter; PoisonError where its facts are not all there."""
    facts = facts_of(record)
    try:
        return DeadLetterRow(
            position=Position(record.topic, record.partition, record.offset),
            source=_source(facts),
            reason=facts["reason"],
            detail=facts["detail"],
            attempts=int(facts["attempts"]),
            event_time=datetime.fromtimestamp(record.timestamp_ms / 1_000, UTC),
            key=_key(facts, record),
        )
    except (KeyError, ValueError) as error:
        raise PoisonError("undecodable", f"not a dead letter of ours: {error!r}") from error


def redriven(record: Record, mended: bytes | None = None) -> OutRecord:
    """The original record for its original topic, with mended bytes where they are given.

    Of a batch only the result that died is scored again, or all of them where they died together:
    mended bytes are those of the whole batch. PoisonError where the record is no dead letter, or
    has no bytes and none are given.
    """
    facts = facts_of(record)
    try:
        source = _source(facts)
    except (KeyError, ValueError) as error:
        raise PoisonError("undecodable", f"not a dead letter of ours: {error!r}") from error
    if mended is None and record.header(LEFT_AT_SOURCE) is not None:
        raise PoisonError(
            "left_at_source",
            f"the bytes are not in the dead letter: take them from {source.topic}-"
            f"{source.partition}@{source.offset} and give them as mended",
        )
    ours = (ONLY_INDEX, REDRIVEN_FROM, LEFT_AT_SOURCE)
    kept = tuple(h for h in record.headers if not h[0].startswith(_PREFIX) and h[0] not in ours)
    came_from = f"{record.topic}/{record.partition}/{record.offset}".encode()
    added: Headers = ((REDRIVEN_FROM, came_from),)
    if record.header(FIRST_AT) is None:
        first_at = f"{source.topic}/{source.partition}/{source.offset}".encode()
        added = (*added, (FIRST_AT, first_at))
    if facts.get("scope") != _RECORD:
        added = (*added, (ONLY_INDEX, str(source.index).encode()))
    value = mended if mended is not None else _original(record, facts)
    return OutRecord(source.topic, record.key, value, (*kept, *added))


def _original(record: Record, facts: Mapping[str, str]) -> bytes | None:
    return None if facts.get("value") == _NULL else record.value


def _source(facts: Mapping[str, str]) -> Position:
    return Position(
        facts["topic"], int(facts["partition"]), int(facts["offset"]), int(facts["index"])
    )


def _key(facts: Mapping[str, str], record: Record) -> ResultKey | None:
    """The result's name: as it was read, else as the record's key has it."""
    named = facts.get("result-key")
    if named is None and _is_others(facts, record):
        return None
    try:
        text = named if named is not None else (record.key or b"").decode()
        return parse_key(text) if "/" in text else None
    except ValueError:
        return None


def _is_others(facts: Mapping[str, str], record: Record) -> bool:
    """Whether the record's key may well name another result than the one that died.

    A batch has one key for all of its results, and a denied tenant is not the sender's.
    """
    batch = text_header(record, CE_TYPE) == BATCH_TYPE or facts.get("index") != "0"
    return batch or facts.get("reason") == TENANT_DENIED
