"""Which partitions the indexer owns, which of them it has claimed, and how far each has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import structlog

from plimsoll.domain.errors import FatalError
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.ports.log import LogConsumer
from plimsoll.ports.store import ScoreStore
from plimsoll.ports.telemetry import OFFSETS_MISSING, Telemetry

_log = structlog.get_logger(__name__)


class Holdings:
    """The group assigns partitions; the store says where each goes on.

    A partition is read only between its claim and its revocation; the claim decides the offset,
    whatever the group has committed.
    """

    def __init__(self, consumer: LogConsumer, store: ScoreStore, telemetry: Telemetry) -> None:
        self._consumer = consumer
        self._store = store
        self._telemetry = telemetry
        self._unclaimed: set[TopicPartition] = set()
        self._next: dict[TopicPartition, int] = {}
        self._untouched: set[TopicPartition] = set()
        self._changes = 0

    @property
    def claimed(self) -> frozenset[TopicPartition]:
        """Partitions that are read and written."""
        return frozenset(self._next)

    @property
    def unclaimed(self) -> bool:
        """Whether some assigned partition waits for its claim."""
        return bool(self._unclaimed)

    @property
    def next_offsets(self) -> Mapping[TopicPartition, int]:
        """How far each claimed partition has been written."""
        return dict(self._next)

    def gain(self, partitions: Iterable[TopicPartition]) -> None:
        """The group gave us these; nothing is read from them before they are claimed."""
        self._changes += 1
        gained = set(partitions)
        self._consumer.pause(gained)
        self._unclaimed |= gained

    def lose(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The group takes these away; gives how far those that were claimed have come."""
        self._changes += 1
        lost = set(partitions)
        self._unclaimed -= lost
        return {tp: self._next.pop(tp) for tp in lost & set(self._next)}

    def doubt(self) -> None:
        """Somebody else has claimed a partition: all of ours wait for a new claim."""
        self.gain(list(self._next))
        self._next.clear()

    async def claim(self) -> None:
        """Claims what waits for it and reads on from the store's offsets.

        FatalError where a topic ends before the stored offset: it is not the topic that the
        store was made from.
        """
        wanted, changes = sorted(self._unclaimed), self._changes
        offsets = await self._store.claim(wanted)
        ends = await self._consumer.end_offsets(wanted)
        if changes != self._changes:
            return  # A rebalance came in between: whatever is ours now is claimed next time.
        for tp in wanted:
            if ends[tp] < offsets[tp]:
                raise FatalError(
                    f"the store has projected {tp.topic}-{tp.partition} up to {offsets[tp]}, but"
                    f" the topic ends at {ends[tp]}: it was recreated or truncated. Rebuild the"
                    " store from it with `plimsoll indexer --rebuild`"
                )
            self._consumer.seek(tp, offsets[tp])
            self._next[tp] = offsets[tp]
        self._unclaimed.clear()
        self._untouched.update(wanted)
        # Waiting for the store may have paused the others too.
        self._consumer.resume(self._next)
        _log.info("indexer.partitions.claimed", partitions=len(wanted))

    async def check(self) -> None:
        """Doubts the claims where the store has gone back behind them: it was emptied."""
        stored = await self._store.next_offsets()
        if any(stored.get(tp, 0) < offset for tp, offset in self._next.items()):
            _log.warning("indexer.store.went_back", partitions=len(self._next))
            self.doubt()

    def readable(self, records: Sequence[Record]) -> list[Record]:
        """Records of claimed partitions; says where offsets before the first one are gone."""
        mine = [record for record in records if (record.topic, record.partition) in self._next]
        for record in mine if self._untouched else ():
            tp = TopicPartition(record.topic, record.partition)
            if tp in self._untouched:
                self._untouched.discard(tp)
                self._note_missing(tp, record.offset - self._next[tp])
        return mine

    def advance(self, offsets: Mapping[TopicPartition, int]) -> None:
        """These have been written."""
        self._next.update({tp: offset for tp, offset in offsets.items() if tp in self._next})

    def _note_missing(self, partition: TopicPartition, missing: int) -> None:
        if missing > 0:
            topic, number = partition
            self._telemetry.count(OFFSETS_MISSING, (topic,), missing)
            _log.warning("indexer.offsets.missing", topic=topic, partition=number, count=missing)
