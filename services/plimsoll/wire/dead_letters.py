"""Dead letters: the original bytes, with the facts beside them in headers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey, parse_key
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.ports.store import DeadLetterRow
from plimsoll.wire.headers import ONLY_INDEX, REDRIVEN_FROM

_PREFIX = "plimsoll-dlq-"
_DETAIL_CHARS = 1_000
# Said of a record whose value is no bytes at all, which a header cannot be told from empty ones.
_NULL = "null"


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
        "index": str(park.index),
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
    return record._replace(value=b"", headers=()), named


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
            key=_key(facts.get("result-key"), record.key),
        )
    except (KeyError, ValueError) as error:
        raise PoisonError("undecodable", f"not a dead letter of ours: {error!r}") from error


def redriven(record: Record, mended: bytes | None = None) -> OutRecord:
    """The original record for its original topic, with mended bytes where they are given.

    Of a batch only the result that died is scored again.
    """
    facts = facts_of(record)
    try:
        source = _source(facts)
    except (KeyError, ValueError) as error:
        raise PoisonError("undecodable", f"not a dead letter of ours: {error!r}") from error
    ours = (ONLY_INDEX, REDRIVEN_FROM)
    kept = tuple(h for h in record.headers if not h[0].startswith(_PREFIX) and h[0] not in ours)
    came_from = f"{record.topic}/{record.partition}/{record.offset}".encode()
    added = ((REDRIVEN_FROM, came_from), (ONLY_INDEX, str(source.index).encode()))
    value = mended if mended is not None else _original(record, facts)
    return OutRecord(source.topic, record.key, value, (*kept, *added))


def _original(record: Record, facts: Mapping[str, str]) -> bytes | None:
    return None if facts.get("value") == _NULL else record.value


def _source(facts: Mapping[str, str]) -> Position:
    return Position(
        facts["topic"], int(facts["partition"]), int(facts["offset"]), int(facts["index"])
    )


def _key(named: str | None, record_key: bytes | None) -> ResultKey | None:
    """The result's name: as it was read, else as the record's key has it."""
    try:
        text = named if named is not None else (record_key or b"").decode()
        return parse_key(text) if "/" in text else None
    except ValueError:
        return None
