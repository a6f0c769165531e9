"""One batch of events inside one transaction: fence, rows, offsets, tallies."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from plimsoll.adapters.sqlite import erasing
from plimsoll.adapters.sqlite.rows import (
    DEAD_LETTER_COLUMNS,
    SCORE_COLUMNS,
    dead_letter_values,
    score_values,
)
from plimsoll.domain.errors import FencedError
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import Batch, DeadLetterRow, ScoreRow

Row = TypeVar("Row", ScoreRow, DeadLetterRow)

_INSERT_VISIBLE = f"""
    INSERT INTO visible ({SCORE_COLUMNS}, sequence, first_digest, first_offset, first_partition)
    VALUES ({", ".join("?" * 20)}) ON CONFLICT (tenant, result_id) DO NOTHING
"""  # noqa: S608 - made of constants
_REPLACE_VISIBLE = f"""
    UPDATE visible SET ({SCORE_COLUMNS}, sequence) = ({", ".join("?" * 17)}) WHERE id = ?
"""  # noqa: S608 - made of constants
_SELECT_VISIBLE = """
    SELECT id, revision, log_offset, log_partition, first_digest, first_offset, first_partition
    FROM visible WHERE tenant = ? AND result_id = ?
"""
_INSERT_EVENT = """
    INSERT INTO events (visible_id, score_id, revision, input_digest) VALUES (?, ?, ?, ?)
    ON CONFLICT (visible_id, score_id) DO NOTHING
"""
_RECOUNT_CONFLICTS = """
    UPDATE visible SET input_conflicts = (
        SELECT count(*) FROM events
        WHERE visible_id = visible.id AND revision = 0 AND input_digest <> visible.first_digest
    ) WHERE id = ? RETURNING input_conflicts
"""
_INSERT_DEAD_LETTER = f"""
    INSERT INTO dead_letters ({DEAD_LETTER_COLUMNS}) VALUES ({", ".join("?" * 13)})
    ON CONFLICT (source_topic, source_partition, source_offset, source_index) DO NOTHING
"""  # noqa: S608 - made of constants
_EARLIER_DEAD_LETTER = f"""
    UPDATE dead_letters SET ({DEAD_LETTER_COLUMNS}) = ({", ".join("?" * 13)})
    WHERE (source_topic, source_partition, source_offset, source_index) = (?, ?, ?, ?)
        AND (log_offset, log_partition) > (?, ?)
"""  # noqa: S608 - made of constants


def claim(
    connection: sqlite3.Connection, partitions: Sequence[TopicPartition]
) -> dict[TopicPartition, tuple[int, int]]:
    """Raises each partition's epoch; gives its next offset and the new epoch."""
    claimed: dict[TopicPartition, tuple[int, int]] = {}
    for partition in partitions:
        connection.execute(
            "INSERT INTO offsets VALUES (?, ?, 0, 1)"
            " ON CONFLICT (topic, log_partition) DO UPDATE SET epoch = epoch + 1",
            partition,
        )
        claimed[partition] = connection.execute(
            "SELECT next_offset, epoch FROM offsets WHERE topic = ? AND log_partition = ?",
            partition,
        ).fetchone()
    return claimed


def apply(
    connection: sqlite3.Connection, batch: Batch, epochs: Mapping[TopicPartition, int]
) -> int:
    """Projects a batch; gives how many events were new. FencedError where an epoch is old."""
    stored = {tp: _stored_offset(connection, tp, epochs) for tp in batch.next_offsets}
    tallies = _read_tallies(connection)
    scores = list(_new_events(batch.scores, batch, stored))
    letters = list(_new_events(batch.dead_letters, batch, stored))
    gone = erasing.without_erased(connection, [*scores, *letters])
    scores = [row for row in scores if row.key not in gone]
    letters = [row for row in letters if row.key not in gone]
    for score in scores:
        _project_score(connection, score, tallies)
    for letter in letters:
        _project_dead_letter(connection, letter, tallies)
    erasing.note_subjects(connection, scores)
    connection.executemany(
        "UPDATE offsets SET next_offset = max(next_offset, ?)"
        " WHERE topic = ? AND log_partition = ?",
        [(offset, *tp) for tp, offset in batch.next_offsets.items()],
    )
    connection.executemany("INSERT OR REPLACE INTO tallies VALUES (?, ?)", tallies.items())
    return len(scores) + len(letters)


def _stored_offset(
    connection: sqlite3.Connection, partition: TopicPartition, epochs: Mapping[TopicPartition, int]
) -> int:
    row = connection.execute(
        "SELECT next_offset, epoch FROM offsets WHERE topic = ? AND log_partition = ?", partition
    ).fetchone()
    if row is None or row[1] != epochs.get(partition):
        raise FencedError(
            f"{partition.topic}-{partition.partition} is at epoch {row[1] if row else 0} of the"
            f" store, ours is {epochs.get(partition)}: claim it again and read from its offset"
        )
    return int(row[0])


def _new_events(
    rows: Iterable[Row], batch: Batch, stored: Mapping[TopicPartition, int]
) -> Iterator[Row]:
    """Rows at or above the stored offsets, in order of their positions, each position once."""
    before = None
    for row in sorted(rows, key=_where):
        topic, partition, offset = where = _where(row)
        tp = TopicPartition(topic, partition)
        if offset >= batch.next_offsets.get(tp, 0):
            raise ValueError(f"{tp.topic}-{tp.partition}@{offset} is not below its next offset")
        if offset >= stored[tp] and where != before:
            yield row
        before = where


def _where(row: ScoreRow | DeadLetterRow) -> tuple[str, int, int]:
    return (row.position.topic, row.position.partition, row.position.offset)


def _project_score(connection: sqlite3.Connection, row: ScoreRow, tallies: Counter[str]) -> None:
    """Visible is the highest revision, within one the lowest offset, in whatever order they come.

    Offsets are compared before partitions only where a key stands in several partitions,
    which a topic that keeps its number of partitions never has.
    """
    tallies["events"] += 1
    tallies["sequence"] += 1
    first = (row.input_digest, row.position.offset, row.position.partition)
    cursor = connection.execute(
        _INSERT_VISIBLE,
        (*score_values(row), tallies["sequence"], *(first if row.revision == 0 else (None,) * 3)),
    )
    if cursor.rowcount == 1:
        tallies["visible"] += 1
        connection.execute(_INSERT_EVENT, _event_values(cursor.lastrowid, row))
        return
    _project_again(connection, row, tallies)


def _project_again(connection: sqlite3.Connection, row: ScoreRow, tallies: Counter[str]) -> None:
    visible_id, revision, offset, partition, *first = connection.execute(
        _SELECT_VISIBLE, (row.key.tenant, row.key.result_id)
    ).fetchone()
    added = connection.execute(_INSERT_EVENT, _event_values(visible_id, row)).rowcount
    tallies["duplicates"] += 1 - added
    place = (row.position.offset, row.position.partition)
    if (-row.revision, *place) < (-revision, offset, partition):
        connection.execute(_REPLACE_VISIBLE, (*score_values(row), tallies["sequence"], visible_id))
    if row.revision == 0:
        first_digest, *first_place = first
        if first_digest is None or [*place] < first_place:
            tallies["conflicts"] += _note_first_input(connection, row, visible_id)
        elif added and row.input_digest != first_digest:
            tallies["conflicts"] += 1
            connection.execute(
                "UPDATE visible SET input_conflicts = input_conflicts + 1 WHERE id = ?",
                (visible_id,),
            )


def _note_first_input(connection: sqlite3.Connection, row: ScoreRow, visible_id: int) -> int:
    """This event is the first of revision 0 after all; gives the change in conflicts."""
    (before,) = connection.execute(
        "SELECT input_conflicts FROM visible WHERE id = ?", (visible_id,)
    ).fetchone()
    connection.execute(
        "UPDATE visible SET first_digest = ?, first_offset = ?, first_partition = ? WHERE id = ?",
        (row.input_digest, row.position.offset, row.position.partition, visible_id),
    )
    (after,) = connection.execute(_RECOUNT_CONFLICTS, (visible_id,)).fetchone()
    return int(after - before)


def _project_dead_letter(
    connection: sqlite3.Connection, row: DeadLetterRow, tallies: Counter[str]
) -> None:
    """The first dead letter of a source stays."""
    values = dead_letter_values(row)
    added = connection.execute(_INSERT_DEAD_LETTER, values).rowcount
    tallies["dead"] += added
    if not added:
        connection.execute(
            _EARLIER_DEAD_LETTER,
            (*values, *values[:4], row.position.offset, row.position.partition),
        )


def _event_values(visible_id: int | None, row: ScoreRow) -> tuple[Any, ...]:
    return (
        visible_id,
        row.score_id,
        row.revision,
        row.input_digest,
    )


def _read_tallies(connection: sqlite3.Connection) -> Counter[str]:
    return Counter(dict(connection.execute("SELECT name, value FROM tallies")))


def reset(connection: sqlite3.Connection) -> None:
    """Drops every row and starts all offsets at 0 under new epochs; what was erased stays so."""
    for table in ("visible", "events", "dead_letters", "tallies", "subjects"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - made of constants
    connection.execute("UPDATE offsets SET next_offset = 0, epoch = epoch + 1")
