"""Between PostgreSQL's columns and the port's values."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from plimsoll.domain.confidence import Verdict
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.quick import quick
from plimsoll.domain.record import Position
from plimsoll.domain.result import TaskKind
from plimsoll.ports.store import DeadLetterRow, ScoreRow, VisibleScore

if TYPE_CHECKING:
    import asyncpg

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_score_row, _visible_score = quick(ScoreRow), quick(VisibleScore)
_result_key, _position = quick(ResultKey), quick(Position)
_TASK_KINDS = {kind.value: kind for kind in TaskKind}
_VERDICTS = {verdict.value: verdict for verdict in Verdict}
_SCORING_BYTES = 16
# Kafka allows no longer ones, and an index could not hold any length.
_TOPIC_CHARACTERS = 249

VISIBLE_COLUMNS = (
    "tenant",
    "result_id",
    "score_id",
    "revision",
    "input_digest",
    "content_digest",
    "topic",
    "log_partition",
    "log_offset",
    "event_time",
    "model",
    "task_kind",
    "verdict",
    "point",
    "lower",
    "input_conflicts",
    "payload",
)
DEAD_LETTER_COLUMNS = (
    "source_topic",
    "source_partition",
    "source_offset",
    "source_index",
    "topic",
    "log_partition",
    "log_offset",
    "reason",
    "detail",
    "attempts",
    "event_time",
    "tenant",
    "result_id",
)


def storable(text: str) -> str:
    """Text as PostgreSQL can hold it: it knows no NUL, for which U+FFFD stands."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def scoring(score_id: str) -> bytes:
    """A score ID in 16 bytes, whatever its length."""
    return hashlib.blake2b(score_id.encode(), digest_size=_SCORING_BYTES).digest()


def microseconds(time: datetime) -> int:
    """Microseconds since the epoch."""
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(time_us: int) -> datetime:
    """Its inverse."""
    return _EPOCH + timedelta(microseconds=time_us)


def visible_values(row: ScoreRow, input_conflicts: int) -> tuple[Any, ...]:
    """Values in the order of VISIBLE_COLUMNS."""
    return (
        row.key.tenant,
        row.key.result_id,
        storable(row.score_id),
        row.revision,
        storable(row.input_digest),
        storable(row.content_digest),
        row.position.topic,
        row.position.partition,
        row.position.offset,
        row.event_time,
        storable(row.model),
        row.task_kind.value,
        row.verdict.value,
        _number(row.point),
        _number(row.lower),
        input_conflicts,
        row.payload,
    )


def visible_score(
    values: Sequence[Any] | asyncpg.Record, key: ResultKey | None = None
) -> VisibleScore:
    """Reads VISIBLE_COLUMNS and the sequence; `key` where it is known already."""
    # In the order of their fields: naming each takes a third longer.
    row = _score_row(
        key or _result_key(values[0], values[1]),
        values[2],
        values[3],
        values[4],
        values[5],
        _position(values[6], values[7], values[8]),
        values[16],
        values[9],
        values[10],
        _TASK_KINDS[values[11]],
        _VERDICTS[values[12]],
        values[13],
        values[14],
    )
    return _visible_score(row, values[15], values[17])


def dead_letter_values(row: DeadLetterRow) -> tuple[Any, ...]:
    """Values in the order of DEAD_LETTER_COLUMNS."""
    return (
        storable(row.source.topic[:_TOPIC_CHARACTERS]),
        row.source.partition,
        row.source.offset,
        row.source.index,
        row.position.topic,
        row.position.partition,
        row.position.offset,
        storable(row.reason),
        storable(row.detail),
        row.attempts,
        row.event_time,
        row.key.tenant if row.key else None,
        row.key.result_id if row.key else None,
    )


def dead_letter(values: Sequence[Any] | asyncpg.Record) -> DeadLetterRow:
    """Reads DEAD_LETTER_COLUMNS."""
    key = None if values[11] is None else ResultKey(values[11], values[12])
    return DeadLetterRow(
        position=Position(values[4], values[5], values[6]),
        source=Position(values[0], values[1], values[2], values[3]),
        reason=values[7],
        detail=values[8],
        attempts=values[9],
        event_time=values[10],
        key=key,
    )


def _number(value: float | None) -> float | None:
    """A number that is none compares greater than all others here, so it is left out."""
    return None if value is None or math.isnan(value) else value
