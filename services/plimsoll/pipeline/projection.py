"""From records of our topics to rows of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.ports.store import Batch, DeadLetterRow, ScoreRow
from plimsoll.wire.dead_letters import dead_letter_row
from plimsoll.wire.rows import score_row

_LIMIT = 2**63


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no event of ours: where it stands, and one word for why."""

    topic: str
    partition: int
    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Projection:
    """What a poll becomes: a batch to write, and what has no row in it."""

    batch: Batch
    unreadable: tuple[Unreadable, ...]


def project(records: Sequence[Record], dead_letter_topic: str) -> Projection:
    """Rows of records in any order; an unreadable one costs its row, never the others'."""
    scores: list[ScoreRow] = []
    letters: list[DeadLetterRow] = []
    unreadable: list[Unreadable] = []
    following: dict[TopicPartition, int] = {}
    for record in records:
        tp = TopicPartition(record.topic, record.partition)
        following[tp] = max(following.get(tp, 0), record.offset + 1)
        try:
            if record.topic == dead_letter_topic:
                letters.append(_letter(record))
            else:
                scores.append(_score(record))
        except PoisonError as error:
            unreadable.append(
                Unreadable(record.topic, record.partition, record.offset, error.reason)
            )
    return Projection(Batch(tuple(scores), tuple(letters), following), tuple(unreadable))


def restrict(batch: Batch, partitions: frozenset[TopicPartition]) -> Batch:
    """The part of a batch that stands in some partitions."""

    def within(row: ScoreRow | DeadLetterRow) -> bool:
        return TopicPartition(row.position.topic, row.position.partition) in partitions

    return Batch(
        tuple(filter(within, batch.scores)),
        tuple(filter(within, batch.dead_letters)),
        {tp: offset for tp, offset in batch.next_offsets.items() if tp in partitions},
    )


def _score(record: Record) -> ScoreRow:
    row = score_row(record)
    _demand_storable(row.revision)
    return row


def _letter(record: Record) -> DeadLetterRow:
    row = dead_letter_row(record)
    _demand_storable(row.source.partition, row.source.offset, row.source.index, row.attempts)
    return row


def _demand_storable(*numbers: int) -> None:
    """Stores count in 64 bits with a sign; what was never written by us may count further."""
    if not all(0 <= number < _LIMIT for number in numbers):
        raise PoisonError("out_of_range", "a number is not in 0 to 2^63 - 1")
