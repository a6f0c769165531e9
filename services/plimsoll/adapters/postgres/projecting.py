"""One batch of events inside one transaction: fence, rows, offsets, tallies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from plimsoll.adapters.postgres import erasing, writing
from plimsoll.adapters.postgres.folding import Folded, candidates, fold
from plimsoll.domain.errors import FencedError
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import Batch, DeadLetterRow, ScoreRow

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection

Row = TypeVar("Row", ScoreRow, DeadLetterRow)

_CLAIM = """
    INSERT INTO offsets AS o (topic, log_partition)
    SELECT * FROM unnest($1::text[], $2::bigint[]) AS t (topic, log_partition)
    ORDER BY topic, log_partition
    ON CONFLICT (topic, log_partition) DO UPDATE SET epoch = o.epoch + 1
    RETURNING topic, log_partition, next_offset, epoch
"""
# Whoever claims waits for this transaction, and this one sees every claim that came before it.
_FENCE = """
    SELECT o.topic, o.log_partition, o.next_offset, o.epoch
    FROM offsets o JOIN unnest($1::text[], $2::bigint[]) AS t (topic, log_partition)
        ON (o.topic, o.log_partition) = (t.topic, t.log_partition)
    ORDER BY o.topic, o.log_partition FOR UPDATE OF o
"""
_ADVANCE = """
    UPDATE offsets o SET
        next_offset = greatest(o.next_offset, t.next_offset),
        visible = o.visible + t.visible,
        dead = o.dead + t.dead,
        events = o.events + t.events,
        duplicates = o.duplicates + t.duplicates,
        conflicts = o.conflicts + t.conflicts
    FROM unnest(
        $1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::bigint[]
    ) AS t (topic, log_partition, next_offset, visible, dead, events, duplicates, conflicts)
    WHERE (o.topic, o.log_partition) = (t.topic, t.log_partition)
"""
_TALLIES = ("visible", "dead", "events", "duplicates", "conflicts")
_TABLES = "results, visible, scorings, dead_letters, subjects"


async def claim(
    on: Connection, partitions: Sequence[TopicPartition]
) -> dict[TopicPartition, tuple[int, int]]:
    """Raises each partition's epoch; gives its next offset and the new epoch."""
    rows = await on.fetch(_CLAIM, *_named(partitions))
    return {TopicPartition(topic, at): (offset, epoch) for topic, at, offset, epoch in rows}


async def apply(on: Connection, batch: Batch, epochs: Mapping[TopicPartition, int]) -> int:
    """Projects a batch; gives how many events were new. FencedError where an epoch is old."""
    stored = await _fenced(on, batch, epochs)
    scores = list(_new_events(batch.scores, stored))
    letters = list(_new_events(batch.dead_letters, stored))
    # After the fence: an erasure waits for it, and what it has buried is seen from here on.
    gone = await erasing.without_erased(on, [*scores, *letters])
    scores = [row for row in scores if row.key not in gone]
    letters = [row for row in letters if row.key not in gone]
    tallies = {tp: Counter[str]() for tp in batch.next_offsets}
    if scores:
        for row in scores:
            tallies[_partition(row)]["events"] += 1
        await _project_scores(on, scores, tallies)
        await erasing.note_subjects(on, scores)
    if letters:
        added = await writing.dead_letters(on, letters)
        for topic, partition in added:
            tallies[TopicPartition(topic, partition)]["dead"] += 1
    await _advance(on, batch, tallies)
    return len(scores) + len(letters)


def demand_order(batch: Batch) -> None:
    """ValueError where an event does not stand below its partition's next offset."""
    rows: list[ScoreRow | DeadLetterRow] = [*batch.scores, *batch.dead_letters]
    for row in rows:
        tp = _partition(row)
        if row.position.offset >= batch.next_offsets.get(tp, 0):
            raise ValueError(
                f"{tp.topic}-{tp.partition}@{row.position.offset} is not below its next offset"
            )


async def reset(on: Connection) -> None:
    """Empties all tables of rows, and starts all offsets at 0 under new epochs.

    What was erased stays so.
    """
    await on.execute(
        "UPDATE offsets SET next_offset = 0, epoch = epoch + 1, visible = 0, dead = 0,"
        " events = 0, duplicates = 0, conflicts = 0"
    )
    await on.execute(f"TRUNCATE {_TABLES}")
    await on.execute("UPDATE expired SET visible = 0, dead = 0")


async def _fenced(
    on: Connection, batch: Batch, epochs: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    rows = await on.fetch(_FENCE, *_named(sorted(batch.next_offsets)))
    found = {TopicPartition(topic, at): (offset, epoch) for topic, at, offset, epoch in rows}
    for tp in batch.next_offsets:
        epoch = found[tp][1] if tp in found else 0
        if tp not in found or epoch != epochs.get(tp):
            raise FencedError(
                f"{tp.topic}-{tp.partition} is at epoch {epoch} of the store, ours is"
                f" {epochs.get(tp)}: claim it again and read from its offset"
            )
    return {tp: offset for tp, (offset, _) in found.items()}


def _new_events(rows: Sequence[Row], stored: Mapping[TopicPartition, int]) -> Iterator[Row]:
    """Rows at or above the stored offsets, in order of their positions, each position once."""
    before = None
    for row in sorted(rows, key=_where):
        where = _where(row)
        if row.position.offset >= stored[_partition(row)] and where != before:
            yield row
        before = where


async def _project_scores(
    on: Connection, rows: Sequence[ScoreRow], tallies: Mapping[TopicPartition, Counter[str]]
) -> None:
    keys = sorted({(row.key.tenant, row.key.result_id) for row in rows})
    known = await writing.standings(on, keys)
    maybe = candidates(rows, known)
    further = await writing.scorings(on, maybe) if maybe else frozenset()
    folded = fold(rows, known, further)
    await writing.recount(on, folded.standings.values())
    await writing.results(on, folded)
    _tally(folded, rows, tallies)


def _tally(
    folded: Folded, rows: Sequence[ScoreRow], tallies: Mapping[TopicPartition, Counter[str]]
) -> None:
    for (topic, partition), count in folded.duplicates.items():
        tallies[TopicPartition(topic, partition)]["duplicates"] += count
    where = {row.key: _partition(row) for row in reversed(rows)}
    for key, standing in folded.standings.items():
        mine = tallies[where[key]]
        mine["visible"] += standing.is_new
        mine["conflicts"] += standing.input_conflicts - standing.conflicts_before


async def _advance(
    on: Connection, batch: Batch, tallies: Mapping[TopicPartition, Counter[str]]
) -> None:
    ordered = sorted(batch.next_offsets)
    await on.execute(
        _ADVANCE,
        *_named(ordered),
        [batch.next_offsets[tp] for tp in ordered],
        *([tallies[tp][name] for tp in ordered] for name in _TALLIES),
    )


def _named(partitions: Sequence[TopicPartition]) -> tuple[list[str], list[int]]:
    return [tp.topic for tp in partitions], [tp.partition for tp in partitions]


def _partition(row: ScoreRow | DeadLetterRow) -> TopicPartition:
    return TopicPartition(row.position.topic, row.position.partition)


def _where(row: ScoreRow | DeadLetterRow) -> tuple[str, int, int]:
    return (row.position.topic, row.position.partition, row.position.offset)
