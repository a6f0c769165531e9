"""The statements that one batch takes: sets of rows at a time, never one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plimsoll.adapters.postgres.folding import Folded, Scoring, Standing
from plimsoll.adapters.postgres.rows import (
    DEAD_LETTER_COLUMNS,
    VISIBLE_COLUMNS,
    dead_letter_values,
    storable,
    visible_values,
)
from plimsoll.domain.identity import ResultKey
from plimsoll.ports.store import DeadLetterRow, ScoreRow

if TYPE_CHECKING:
    import asyncpg

    from plimsoll.adapters.postgres.prepared import Connection

_RESULT_COLUMNS = (
    "tenant",
    "result_id",
    "event_time",
    "revision",
    "log_partition",
    "log_offset",
    "seen",
    "seen_revision",
    "seen_digest",
    "first_digest",
    "first_offset",
    "first_partition",
    "input_conflicts",
)
# A key stands in one partition, so the fence keeps others away; the lock keeps them away even
# where somebody has changed the number of partitions.
_STANDINGS = f"""
    SELECT {", ".join(f"r.{name}" for name in _RESULT_COLUMNS)}
    FROM unnest($1::text[], $2::text[]) AS k (tenant, result_id)
    JOIN results r ON r.tenant = k.tenant AND r.result_id = k.result_id
    ORDER BY r.tenant, r.result_id FOR UPDATE OF r
"""  # noqa: S608 - made of constants
_SCORINGS = """
    INSERT INTO scorings (tenant, result_id, scoring, revision, input_digest)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::text[])
    ON CONFLICT DO NOTHING RETURNING tenant, result_id, scoring
"""
_RECOUNT = """
    SELECT (
        SELECT count(*) FROM scorings s
        WHERE s.tenant = k.tenant AND s.result_id = k.result_id AND s.revision = 0
            AND s.input_digest <> k.digest
    ) FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
        AS k (tenant, result_id, digest, number)
    ORDER BY k.number
"""
_UPDATE_RESULTS = """
    UPDATE results r SET
        event_time = n.event_time, revision = n.revision, log_partition = n.log_partition,
        log_offset = n.log_offset, first_digest = n.first_digest, first_offset = n.first_offset,
        first_partition = n.first_partition, input_conflicts = n.input_conflicts
    FROM unnest(
        $1::text[], $2::text[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::text[], $8::bigint[], $9::bigint[], $10::bigint[]
    ) AS n (
        tenant, result_id, event_time, revision, log_partition, log_offset, first_digest,
        first_offset, first_partition, input_conflicts
    ) WHERE r.tenant = n.tenant AND r.result_id = n.result_id
"""
_DELETE_VISIBLE = """
    DELETE FROM visible v
    USING unnest($1::timestamptz[], $2::text[], $3::text[]) AS k (event_time, tenant, result_id)
    WHERE v.event_time = k.event_time AND v.tenant = k.tenant AND v.result_id = k.result_id
"""
_UPDATE_CONFLICTS = """
    UPDATE visible v SET input_conflicts = k.conflicts
    FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::bigint[])
        AS k (event_time, tenant, result_id, conflicts)
    WHERE v.event_time = k.event_time AND v.tenant = k.tenant AND v.result_id = k.result_id
"""
_LETTER_TYPES = (
    *("text", "bigint", "bigint", "bigint", "text", "bigint", "bigint", "text", "text"),
    *("bigint", "timestamptz", "text", "text"),
)
_LETTERS = f"""
    INSERT INTO dead_letters AS d ({", ".join(DEAD_LETTER_COLUMNS)})
    SELECT * FROM unnest({", ".join(f"${n}::{t}[]" for n, t in enumerate(_LETTER_TYPES, 1))})
    ON CONFLICT (source_topic, source_partition, source_offset, source_index) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in DEAD_LETTER_COLUMNS[4:])}
    WHERE (d.log_offset, d.log_partition) > (excluded.log_offset, excluded.log_partition)
    RETURNING topic, log_partition, xmax = 0 AS added
"""  # noqa: S608 - made of constants


async def standings(on: Connection, keys: Sequence[tuple[str, str]]) -> dict[ResultKey, Standing]:
    """What is remembered of those keys that have been seen."""
    rows = await on.fetch(_STANDINGS, [key[0] for key in keys], [key[1] for key in keys])
    found = (_standing(row) for row in rows)
    return {one.key: one for one in found}


async def scorings(on: Connection, maybe: Mapping[Scoring, ScoreRow]) -> frozenset[Scoring]:
    """Adds scorings; gives those that were new."""
    ordered = sorted(maybe.items(), key=lambda item: item[0])
    rows = await on.fetch(
        _SCORINGS,
        *([one[at] for one, _ in ordered] for at in range(3)),
        [row.revision for _, row in ordered],
        [storable(row.input_digest) for _, row in ordered],
    )
    return frozenset((tenant, result_id, mine) for tenant, result_id, mine in rows)


async def recount(on: Connection, standings: Iterable[Standing]) -> None:
    """Counts conflicts anew where the first input has turned out to be another."""
    doubted = [one for one in standings if one.recount]
    if not doubted:
        return
    counts = await on.fetch(
        _RECOUNT,
        [one.key.tenant for one in doubted],
        [one.key.result_id for one in doubted],
        [one.first_digest for one in doubted],
    )
    for one, (count,) in zip(doubted, counts, strict=True):
        seen_differs = one.seen_revision == 0 and one.seen_digest != one.first_digest
        one.input_conflicts = count + seen_differs


async def results(on: Connection, folded: Folded) -> None:
    """Writes results and their visible rows."""
    changed = folded.changed()
    new = [_result_values(one) for one in changed if one.is_new]
    if new:
        await on.copy_records_to_table("results", records=new, columns=_RESULT_COLUMNS)
    known = [one for one in changed if not one.is_new]
    if known:
        await _update(on, known)
    visible = [visible_values(one.visible, one.input_conflicts) for one in changed if one.visible]
    if visible:
        await on.copy_records_to_table("visible", records=visible, columns=VISIBLE_COLUMNS)


async def dead_letters(on: Connection, rows: Sequence[DeadLetterRow]) -> list[tuple[str, int]]:
    """The first dead letter of a source stays; gives the partitions of those that were new."""
    first: dict[tuple[object, ...], tuple[object, ...]] = {}
    for row in rows:
        values = dead_letter_values(row)
        if values[:4] not in first or (values[6], values[5]) < first[values[:4]][6:4:-1]:
            first[values[:4]] = values
    columns = zip(*(first[source] for source in sorted(first, key=repr)), strict=True)
    written = await on.fetch(_LETTERS, *(list(column) for column in columns))
    return [(topic, partition) for topic, partition, added in written if added]


async def _update(on: Connection, known: Sequence[Standing]) -> None:
    values = [_result_values(one) for one in known]
    columns = list(zip(*values, strict=True))
    await on.execute(_UPDATE_RESULTS, *(list(column) for column in (*columns[:6], *columns[9:])))
    moved = [one for one in known if one.visible]
    if moved:
        await on.execute(_DELETE_VISIBLE, *_places(moved))
    counted = [
        one for one in known if not one.visible and one.input_conflicts != one.conflicts_before
    ]
    if counted:
        conflicts = [one.input_conflicts for one in counted]
        await on.execute(_UPDATE_CONFLICTS, *_places(counted), conflicts)


def _places(standings: Sequence[Standing]) -> tuple[list[Any], list[str], list[str]]:
    """Where the visible rows stand until now."""
    return (
        [one.was_at or one.event_time for one in standings],
        [one.key.tenant for one in standings],
        [one.key.result_id for one in standings],
    )


def _standing(row: asyncpg.Record) -> Standing:
    tenant, result_id, event_time, revision, partition, offset, *rest = row
    seen, seen_revision, seen_digest, first_digest, first_offset, first_partition, count = rest
    return Standing(
        key=ResultKey(tenant, result_id),
        event_time=event_time,
        rank=(-revision, offset, partition),
        seen=seen,
        seen_revision=seen_revision,
        seen_digest=seen_digest,
        first_digest=first_digest,
        first_place=None if first_digest is None else (first_offset, first_partition),
        input_conflicts=count,
        conflicts_before=count,
    )


def _result_values(one: Standing) -> tuple[Any, ...]:
    revision, offset, partition = one.rank
    first_offset, first_partition = one.first_place or (None, None)
    return (
        one.key.tenant,
        one.key.result_id,
        one.event_time,
        -revision,
        partition,
        offset,
        one.seen,
        one.seen_revision,
        one.seen_digest,
        one.first_digest,
        first_offset,
        first_partition,
        one.input_conflicts,
    )
