"""Reading visible scores and dead letters: by key, by time, by position."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from plimsoll.adapters.sqlite.rows import (
    DEAD_LETTER_COLUMNS,
    VISIBLE_COLUMNS,
    dead_letter,
    microseconds,
    visible_score,
)
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import DeadLetterRow, ScoreFilter, VisibleScore
from plimsoll.wire.page_tokens import PageEnd, decode_page_token, encode_page_token

# A page ends early rather than hold more than this.
_PAGE_BYTES = 3 * 1024 * 1024

_GET = f"SELECT {VISIBLE_COLUMNS} FROM visible WHERE tenant = ? AND result_id = ?"  # noqa: S608 - made of constants
_DEAD = f"""
    SELECT {DEAD_LETTER_COLUMNS} FROM dead_letters WHERE tenant = ? AND result_id = ?
    ORDER BY event_time_us DESC, log_offset DESC, log_partition DESC LIMIT 1
"""  # noqa: S608 - made of constants


def get(connection: sqlite3.Connection, keys: Sequence[ResultKey]) -> dict[ResultKey, VisibleScore]:
    """Visible scores of those keys that have one."""
    found = {}
    for key in keys:
        values = connection.execute(_GET, (key.tenant, key.result_id)).fetchone()
        if values is not None:
            found[key] = visible_score(values)
    return found


def dead_letters(
    connection: sqlite3.Connection, keys: Sequence[ResultKey]
) -> dict[ResultKey, DeadLetterRow]:
    """The newest dead letter of those keys that have one."""
    found = {}
    for key in keys:
        values = connection.execute(_DEAD, (key.tenant, key.result_id)).fetchone()
        if values is not None:
            found[key] = dead_letter(values)
    return found


def list_page(
    connection: sqlite3.Connection, where: ScoreFilter, page_size: int, after: str
) -> tuple[list[VisibleScore], str]:
    """A page, newest event first, and the token of the next one ('' at the end)."""
    conditions, values = _conditions(where)
    if after:
        end = decode_page_token(after, where)
        conditions.append("(event_time_us, tenant, result_id) < (?, ?, ?)")
        values += [end.event_time_us, end.tenant, end.result_id]
    rows = connection.execute(
        f"SELECT {VISIBLE_COLUMNS} FROM visible WHERE {_all(conditions)}"  # noqa: S608 - values are bound
        " ORDER BY event_time_us DESC, tenant DESC, result_id DESC LIMIT ?",
        (*values, page_size + 1),
    )
    page: list[VisibleScore] = []
    size_bytes = 0
    for row in rows:
        found = visible_score(row)
        size_bytes += len(found.row.payload)
        if page and (len(page) == page_size or size_bytes > _PAGE_BYTES):
            rows.close()
            return page, _token(page[-1], where)
        page.append(found)
    return page, ""


def since(
    connection: sqlite3.Connection,
    offsets: Mapping[TopicPartition, int],
    where: ScoreFilter,
    limit: int,
) -> list[VisibleScore]:
    """Visible scores from those offsets on; no partition keeps the others from their turn.

    Call it inside a transaction, so that all partitions are seen at one moment.
    """
    cursors = {tp: offsets.get(tp, 0) for tp in next_offsets(connection)}
    found: dict[TopicPartition, list[VisibleScore]] = {tp: [] for tp in cursors}
    active, left = sorted(cursors), limit
    while active and left:
        share, again = max(1, left // len(active)), []
        for partition in active:
            rows = _from_offset(connection, partition, cursors[partition], where, min(share, left))
            found[partition] += rows
            left -= len(rows)
            if len(rows) == share:
                cursors[partition] = rows[-1].row.position.offset + 1
                again.append(partition)
        active = again
    return [score for partition in sorted(found) for score in found[partition]]


def next_offsets(connection: sqlite3.Connection) -> dict[TopicPartition, int]:
    """How far each partition has been projected."""
    rows = connection.execute("SELECT topic, log_partition, next_offset FROM offsets")
    return {TopicPartition(topic, partition): offset for topic, partition, offset in rows}


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Tallies by name; a name that never counted is 0."""
    tallies = dict(connection.execute("SELECT name, value FROM tallies"))
    names = ("visible", "dead", "events", "duplicates", "conflicts")
    return {name: tallies.get(name, 0) for name in names}


def _from_offset(
    connection: sqlite3.Connection,
    partition: TopicPartition,
    offset: int,
    where: ScoreFilter,
    limit: int,
) -> list[VisibleScore]:
    conditions, values = _conditions(where)
    rows = connection.execute(
        f"SELECT {VISIBLE_COLUMNS} FROM visible INDEXED BY visible_position"  # noqa: S608 - values are bound
        f" WHERE topic = ? AND log_partition = ? AND log_offset >= ? AND {_all(conditions)}"
        " ORDER BY log_offset LIMIT ?",
        (*partition, offset, *values, limit),
    )
    return [visible_score(row) for row in rows]


def _conditions(where: ScoreFilter) -> tuple[list[str], list[Any]]:
    """SQL conditions and their values; bounds on an absent lower bound never match."""
    start, end = where.start_time, where.end_time
    pairs = [
        ("tenant = ?", where.tenant),
        ("model = ?", where.model),
        ("task_kind = ?", where.task_kind.value if where.task_kind else None),
        ("event_time_us >= ?", microseconds(start) if start else None),
        ("event_time_us < ?", microseconds(end) if end else None),
        ("verdict = ?", where.verdict.value if where.verdict else None),
        ("lower >= ?", where.min_lower_bound),
        ("lower <= ?", where.max_lower_bound),
    ]
    given = [(condition, value) for condition, value in pairs if value is not None]
    return [condition for condition, _ in given], [value for _, value in given]


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "TRUE"


def _token(last: VisibleScore, where: ScoreFilter) -> str:
    row = last.row
    end = PageEnd(microseconds(row.event_time), row.key.tenant, row.key.result_id)
    return encode_page_token(end, where)
