"""Reading visible scores and dead letters: by key, by time, by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plimsoll.adapters.postgres.rows import (
    DEAD_LETTER_COLUMNS,
    VISIBLE_COLUMNS,
    dead_letter,
    from_microseconds,
    microseconds,
    storable,
    visible_score,
)
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import DeadLetterRow, ScoreFilter, VisibleScore
from plimsoll.wire.page_tokens import PageEnd, decode_page_token, encode_page_token

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection

# A page ends early rather than hold more than this; so many rows are fetched at a time.
_PAGE_BYTES = 3 * 1024 * 1024
_FETCH_ROWS = 200

_VISIBLE = ", ".join(f"v.{name}" for name in (*VISIBLE_COLUMNS, "sequence"))
GET = f"SELECT {_VISIBLE} FROM find_visible($1, $2) v"  # noqa: S608 - made of constants
_GET_MANY = f"""
    SELECT {_VISIBLE} FROM unnest($1::text[], $2::text[]) AS k (tenant, result_id)
    CROSS JOIN LATERAL find_visible(k.tenant, k.result_id) v
"""  # noqa: S608 - made of constants
_LETTER = ", ".join(f"d.{name}" for name in DEAD_LETTER_COLUMNS)
_DEAD = f"""
    SELECT DISTINCT ON (d.tenant, d.result_id) {_LETTER}
    FROM unnest($1::text[], $2::text[]) AS k (tenant, result_id)
    JOIN dead_letters d ON d.tenant = k.tenant AND d.result_id = k.result_id
    ORDER BY d.tenant, d.result_id, d.event_time DESC, d.log_offset DESC, d.log_partition DESC
"""  # noqa: S608 - made of constants


async def get(on: Connection, keys: Sequence[ResultKey]) -> dict[ResultKey, VisibleScore]:
    """Visible scores of those keys that have one."""
    if len(keys) == 1:
        (key,) = keys
        row = await on.first_row(GET, key.tenant, key.result_id)
        return {} if row is None else {key: visible_score(row, key)}
    found = [visible_score(row) for row in await on.fetch(_GET_MANY, *_columns(keys))]
    return {one.row.key: one for one in found}


async def dead_letters(on: Connection, keys: Sequence[ResultKey]) -> dict[ResultKey, DeadLetterRow]:
    """The newest dead letter of those keys that have one."""
    found = [dead_letter(row) for row in await on.fetch(_DEAD, *_columns(keys))]
    return {one.key: one for one in found if one.key is not None}


async def list_page(
    on: Connection, where: ScoreFilter, page_size: int, after: str
) -> tuple[list[VisibleScore], str]:
    """A page, newest event first, and the token of the next one ('' at the end)."""
    conditions, values = _conditions(where)
    if after:
        end = decode_page_token(after, where)
        conditions.append("(event_time, tenant, result_id) < ({}, {}, {})")
        values += [from_microseconds(end.event_time_us), end.tenant, end.result_id]
    rows = on.cursor(
        f"SELECT {_VISIBLE} FROM visible v WHERE {_all(conditions)}"  # noqa: S608 - values are bound
        f" ORDER BY event_time DESC, tenant DESC, result_id DESC LIMIT {page_size + 1:d}",
        *values,
        prefetch=min(page_size + 1, _FETCH_ROWS),
    )
    page: list[VisibleScore] = []
    size_bytes = 0
    async for row in rows:
        found = visible_score(row)
        size_bytes += len(found.row.payload)
        if page and (len(page) == page_size or size_bytes > _PAGE_BYTES):
            return page, _token(page[-1], where)
        page.append(found)
    return page, ""


async def since(
    on: Connection, offsets: Mapping[TopicPartition, int], where: ScoreFilter, limit: int
) -> list[VisibleScore]:
    """Visible scores from those offsets on; no partition keeps the others from their turn.

    Call it inside a transaction that sees one moment.
    """
    cursors = {tp: offsets.get(tp, 0) for tp in await next_offsets(on)}
    found: dict[TopicPartition, list[VisibleScore]] = {tp: [] for tp in cursors}
    active, left = sorted(cursors), limit
    while active and left:
        share, again = max(1, left // len(active)), []
        for partition in active:
            rows = await _from_offset(on, partition, cursors[partition], where, min(share, left))
            found[partition] += rows
            left -= len(rows)
            if len(rows) == share:
                cursors[partition] = rows[-1].row.position.offset + 1
                again.append(partition)
        active = again
    return [score for partition in sorted(found) for score in found[partition]]


async def next_offsets(on: Connection) -> dict[TopicPartition, int]:
    """How far each partition has been projected."""
    rows = await on.fetch("SELECT topic, log_partition, next_offset FROM offsets")
    return {TopicPartition(topic, partition): offset for topic, partition, offset in rows}


async def counts(on: Connection) -> dict[str, int]:
    """Tallies by name, over all partitions."""
    names = ("visible", "dead", "events", "duplicates", "conflicts")
    sums = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in names)
    row = await on.fetchrow(f"SELECT {sums} FROM offsets")  # noqa: S608 - made of constants
    tallies = dict(zip(names, row or (), strict=True))
    for gone in await on.fetch("SELECT visible, dead FROM expired"):
        tallies["visible"] -= gone["visible"]
        tallies["dead"] -= gone["dead"]
    return tallies


async def _from_offset(
    on: Connection, partition: TopicPartition, offset: int, where: ScoreFilter, limit: int
) -> list[VisibleScore]:
    conditions, values = _conditions(where)
    conditions = ["topic = {}", "log_partition = {}", "log_offset >= {}", *conditions]
    rows = await on.fetch(
        f"SELECT {_VISIBLE} FROM visible v WHERE {_all(conditions)}"  # noqa: S608 - values are bound
        f" ORDER BY log_offset LIMIT {limit:d}",
        *partition,
        offset,
        *values,
    )
    return [visible_score(row) for row in rows]


def _conditions(where: ScoreFilter) -> tuple[list[str], list[Any]]:
    """Conditions with a place for each value; bounds on an absent lower bound never match."""
    pairs = [
        ("tenant = {}", where.tenant),
        ("model = {}", None if where.model is None else storable(where.model)),
        ("task_kind = {}", where.task_kind.value if where.task_kind else None),
        ("event_time >= {}", where.start_time),
        ("event_time < {}", where.end_time),
        ("verdict = {}", where.verdict.value if where.verdict else None),
        ("lower >= {}", where.min_lower_bound),
        ("lower <= {}", where.max_lower_bound),
    ]
    given = [(condition, value) for condition, value in pairs if value is not None]
    return [condition for condition, _ in given], [value for _, value in given]


def _all(conditions: Sequence[str]) -> str:
    """All conditions, with numbers for the values."""
    text = " AND ".join(conditions) or "TRUE"
    return text.format(*(f"${n}" for n in range(1, text.count("{}") + 1)))


def _columns(keys: Sequence[ResultKey]) -> tuple[list[str], list[str]]:
    return [key.tenant for key in keys], [key.result_id for key in keys]


def _token(last: VisibleScore, where: ScoreFilter) -> str:
    row = last.row
    end = PageEnd(microseconds(row.event_time), row.key.tenant, row.key.result_id)
    return encode_page_token(end, where)
