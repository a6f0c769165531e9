"""Between the store's columns and the port's values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from plimsoll.domain.confidence import Verdict
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.quick import quick
from plimsoll.domain.record import Position
from plimsoll.domain.result import TaskKind
from plimsoll.ports.store import DeadLetterRow, ScoreRow, VisibleScore

_position = quick(Position)
_score_row = quick(ScoreRow)
_visible_score = quick(VisibleScore)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# A look-up in a dictionary costs a fifth of the enumeration's own.
_TASK_KINDS = {kind.value: kind for kind in TaskKind}
_VERDICTS = {verdict.value: verdict for verdict in Verdict}

SCORE_COLUMNS = (
    "tenant, result_id, score_id, revision, input_digest, content_digest, topic, log_partition,"
    " log_offset, event_time_us, model, task_kind, verdict, point, lower, payload"
)
VISIBLE_COLUMNS = f"{SCORE_COLUMNS}, input_conflicts, sequence"
DEAD_LETTER_COLUMNS = (
    "source_topic, source_partition, source_offset, source_index, topic, log_partition,"
    " log_offset, reason, detail, attempts, event_time_us, tenant, result_id"
)


def microseconds(time: datetime) -> int:
    """Microseconds since the epoch."""
    return (time - _EPOCH) // _MICROSECOND


def score_values(row: ScoreRow) -> tuple[Any, ...]:
    """Values in the order of SCORE_COLUMNS."""
    return (
        row.key.tenant,
        row.key.result_id,
        row.score_id,
        row.revision,
        row.input_digest,
        row.content_digest,
        row.position.topic,
        row.position.partition,
        row.position.offset,
        microseconds(row.event_time),
        row.model,
        row.task_kind.value,
        row.verdict.value,
        row.point,
        row.lower,
        row.payload,
    )


def visible_score(values: tuple[Any, ...]) -> VisibleScore:
    """Reads VISIBLE_COLUMNS."""
    row = _score_row(
        key=ResultKey(values[0], values[1]),
        score_id=values[2],
        revision=values[3],
        input_digest=values[4],
        content_digest=values[5],
        position=_position(values[6], values[7], values[8]),
        payload=values[15],
        event_time=_EPOCH + timedelta(microseconds=values[9]),
        model=values[10],
        task_kind=_TASK_KINDS[values[11]],
        verdict=_VERDICTS[values[12]],
        point=values[13],
        lower=values[14],
    )
    return _visible_score(row, input_conflicts=values[16], sequence=values[17])


def dead_letter_values(row: DeadLetterRow) -> tuple[Any, ...]:
    """Values in the order of DEAD_LETTER_COLUMNS."""
    return (
        row.source.topic,
        row.source.partition,
        row.source.offset,
        row.source.index,
        row.position.topic,
        row.position.partition,
        row.position.offset,
        row.reason,
        row.detail,
        row.attempts,
        microseconds(row.event_time),
        row.key.tenant if row.key else None,
        row.key.result_id if row.key else None,
    )


def dead_letter(values: tuple[Any, ...]) -> DeadLetterRow:
    """Reads DEAD_LETTER_COLUMNS."""
    key = None if values[11] is None else ResultKey(values[11], values[12])
    return DeadLetterRow(
        position=Position(values[4], values[5], values[6]),
        source=Position(values[0], values[1], values[2], values[3]),
        reason=values[7],
        detail=values[8],
        attempts=values[9],
        event_time=_EPOCH + timedelta(microseconds=values[10]),
        key=key,
    )
