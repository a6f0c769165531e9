"""What a subscription holds between log and reader: partitions, a bounded queue, offsets."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

import structlog

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.record import Position, Record, TopicPartition
from plimsoll.pipeline.offsets import OffsetTracker
from plimsoll.ports.log import LogConsumer
from plimsoll.sdk.events import ScoredEvent, SubscriptionStats
from plimsoll.sdk.headline import Headline, headline_in, headline_of
from plimsoll.sdk.selection import Selection
from plimsoll.sdk.visible import Sight, VisibleRule
from plimsoll.wire.scored import decode_scored

_log = structlog.get_logger(__name__)


class StartAt(StrEnum):
    """Where a group begins that has no committed offset."""

    END = "end"
    BEGINNING = "beginning"


@dataclass(slots=True)
class _Assigned:
    """One partition of this assignment; `committed` is None where nothing was committed yet."""

    tracker: OffsetTracker
    committed: int | None


class Intake:
    """Takes records in, gives visible events out, and knows how far may be committed.

    An event is `open` from the moment it is handed out until it is acknowledged. A rebalance takes
    back what still queues; what is open stays so, and is not handed out again to the same reader.
    """

    def __init__(self, selection: Selection, rule: VisibleRule, start: StartAt) -> None:
        self._selection = selection
        self._rule = rule
        self._start = start
        self._queue: deque[ScoredEvent] = deque()
        self._open: set[Position] = set()
        self._assigned: dict[TopicPartition, _Assigned] = {}
        self._left_at: dict[TopicPartition, int] = {}
        self._counts: Counter[str] = Counter()
        self.changed = asyncio.Event()

    @property
    def partitions(self) -> tuple[TopicPartition, ...]:
        """What this member reads now."""
        return tuple(self._assigned)

    @property
    def queued(self) -> int:
        """Events that wait for the reader."""
        return len(self._queue)

    @property
    def unacknowledged(self) -> int:
        """Events that the reader has and has not acknowledged."""
        return len(self._open)

    @property
    def stats(self) -> SubscriptionStats:
        """What became of the events so far."""
        return SubscriptionStats(
            **{f.name: self._counts[f.name] for f in fields(SubscriptionStats)}
        )

    async def assign(self, consumer: LogConsumer, partitions: Sequence[TopicPartition]) -> None:
        """Finds where each partition goes on, and goes there."""
        ends = await consumer.end_offsets(partitions) if self._start is StartAt.END else {}
        for partition in partitions:
            committed = await consumer.committed(partition)
            begin = self._left_at.get(partition) if committed is None else committed[0]
            if begin is None:
                begin = ends.get(partition)
            if begin is not None:
                consumer.seek(partition, begin)
            known = begin if begin is not None else 0
            at = committed[0] if committed is not None else None
            self._assigned[partition] = _Assigned(OffsetTracker(known), at)

    def revoke(self, partitions: Sequence[TopicPartition]) -> None:
        """Forgets these partitions and takes back what of them still queues."""
        for partition in partitions:
            assigned = self._assigned.pop(partition, None)
            if assigned is not None:
                self._left_at[partition] = assigned.tracker.watermark
        before = len(self._queue)
        kept = (event for event in self._queue if _partition(event.position) in self._assigned)
        self._queue = deque(kept)
        self._counts["read"] -= before - len(self._queue)  # whoever gets them reads them again

    def take(self, record: Record) -> None:
        """Takes a record in, or finishes it at once where the reader does not want it."""
        assigned = self._assigned.get(TopicPartition(record.topic, record.partition))
        if assigned is None:
            return
        if record.offset < assigned.tracker.next_offset:
            assigned = self._start_over(record)
        assigned.tracker.add(record.offset)
        position = Position(record.topic, record.partition, record.offset)
        if position in self._open:
            return  # the reader has it from before a rebalance: its acknowledgement will finish it
        self._counts["read"] += 1
        event = self._read(record, position)
        if event is None:
            assigned.tracker.finish(record.offset)
        else:
            self._queue.append(event)
            self.changed.set()

    def give(self) -> ScoredEvent | None:
        """The next visible event, open from now on; None where nothing queues."""
        while self._queue:
            event = self._queue.popleft()
            scored = event.scored
            sight = self._rule.see(scored.key, scored.revision, scored.score_id)
            if sight is Sight.VISIBLE:
                self._open.add(event.position)
                self._counts["delivered"] += 1
                return event
            self._counts[sight.value] += 1
            self._finish(event.position)
        return None

    def acknowledge(self, event: ScoredEvent) -> None:
        """The reader is done with it; twice is the same as once."""
        if event.position in self._open:
            self._open.remove(event.position)
            self._finish(event.position)
            self.changed.set()

    def due(self) -> Mapping[TopicPartition, tuple[int, str]]:
        """Next offsets that have not been committed yet."""
        return {
            partition: (assigned.tracker.watermark, "")
            for partition, assigned in self._assigned.items()
            if assigned.tracker.watermark != assigned.committed
        }

    def committed(self, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
        """These are committed now."""
        for partition, (offset, _) in offsets.items():
            if partition in self._assigned:
                self._assigned[partition].committed = offset

    def _start_over(self, record: Record) -> _Assigned:
        """The log goes on before where we stood: it was cut, or made anew, and is read again."""
        partition = TopicPartition(record.topic, record.partition)
        before = self._assigned[partition]
        _log.warning(
            "subscription.partition.went_back",
            at=f"{record.topic}-{record.partition}@{record.offset}",
            expected=before.tracker.next_offset,
        )
        # What the reader has of the old log stands at places that are others' now.
        self._open = {at for at in self._open if _partition(at) != partition}
        self.revoke([partition])
        self._left_at.pop(partition, None)
        after = self._assigned[partition] = _Assigned(
            OffsetTracker(record.offset), before.committed
        )
        return after

    def _read(self, record: Record, position: Position) -> ScoredEvent | None:
        if not self._selection.wants_tenant_of(record.key):
            self._pass_over("filtered")
            return None
        head = headline_of(record)
        if head is not None and not self._selection.wants(head.lower_bound):
            self._pass_below(head)
            return None
        try:
            scored = decode_scored(record.value or b"")
        except PoisonError as poison:
            _log.warning("subscription.event.unreadable", at=str(position), reason=poison.reason)
            self._pass_over("unreadable")
            return None
        head = headline_in(scored)
        if not self._selection.wants(head.lower_bound):
            self._pass_below(head)
            return None
        return ScoredEvent(scored, position)

    def _pass_below(self, head: Headline) -> None:
        # It may be what is visible now: an older score of its key must not be told after it.
        self._rule.see(head.key, head.revision, head.score_id)
        self._pass_over("filtered")

    def _pass_over(self, why: str) -> None:
        self._counts[why] += 1

    def _finish(self, position: Position) -> None:
        assigned = self._assigned.get(_partition(position))
        if assigned is not None:
            assigned.tracker.finish(position.offset)


def _partition(position: Position) -> TopicPartition:
    return TopicPartition(position.topic, position.partition)
