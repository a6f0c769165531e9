"""A partitioned log in memory, with groups, that behaves as the ports say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from plimsoll.adapters.kafka.partitioning import partition_of
from plimsoll.domain.errors import PlimsollError, RetryableError
from plimsoll.domain.record import OutRecord, Position, Record, TopicPartition
from plimsoll.ports.clock import Clock
from plimsoll.ports.log import RebalanceListener


@dataclass
class FakeLog:
    """Topics and groups that outlive producers and consumers."""

    clock: Clock
    topics: dict[str, list[list[Record]]]
    commits: dict[tuple[str, TopicPartition], tuple[int, str]] = field(default_factory=dict)
    history: list[tuple[TopicPartition, int, str]] = field(default_factory=list)
    members: list[FakeConsumer] = field(default_factory=list)
    # The first offset that is still there, where records were deleted.
    begins: dict[TopicPartition, int] = field(default_factory=dict)

    @classmethod
    def of(cls, clock: Clock, **partitions: int) -> FakeLog:
        """A log with topics of so many partitions; `_` in a name stands for itself."""
        return cls(clock, {name: [[] for _ in range(n)] for name, n in partitions.items()})

    def append(self, out: OutRecord) -> Position:
        """Writes a record where its key, or its partition, says."""
        partitions = self.topics[out.topic]
        number = out.partition
        if number is None:
            number = partition_of(out.key or b"", len(partitions))
        offset = len(partitions[number])
        stamp = int(self.clock.now().timestamp() * 1_000)
        partitions[number].append(
            Record(out.topic, number, offset, stamp, out.key, out.value, out.headers)
        )
        return Position(out.topic, number, offset)

    def records(self, topic: str) -> list[Record]:
        """Everything in a topic, partition by partition."""
        return [record for partition in self.topics[topic] for record in partition]

    def committed(self, group: str, topic: str, partition: int = 0) -> int:
        """A group's next offset."""
        return self.commits.get((group, TopicPartition(topic, partition)), (0, ""))[0]

    async def rebalance(self, group: str) -> None:
        """Takes every partition from the group's members and deals them out anew."""
        mine = [member for member in self.members if member.group == group]
        for member in mine:
            await member.lose()
        topics = {topic for member in mine for topic in member.topics}
        partitions = [
            TopicPartition(topic, n)
            for topic in sorted(topics)
            for n in range(len(self.topics[topic]))
        ]
        for index, member in enumerate(mine):
            await member.gain(partitions[index :: len(mine)])


class FakeConsumer:
    """A member of a group of a `FakeLog`."""

    def __init__(self, log: FakeLog, topics: Sequence[str], group: str) -> None:
        self.log = log
        self.topics = tuple(topics)
        self.group = group
        self.commit_errors: list[PlimsollError] = []
        self.poll_errors: list[PlimsollError] = []
        self._listener: RebalanceListener | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._gone = False

    async def start(self, listener: RebalanceListener) -> None:
        """Joins the group."""
        if self._gone:
            await asyncio.Event().wait()
        self._listener = listener
        self.log.members.append(self)
        await self.log.rebalance(self.group)

    async def poll(self, max_records: int, timeout_ms: int) -> Sequence[Record]:
        """Records of partitions that are not paused."""
        await asyncio.sleep(0)
        if self.poll_errors:
            raise self.poll_errors.pop(0)
        taken: list[Record] = []
        for partition, position in self._positions.items():
            if partition in self._paused:
                continue
            records = self.log.topics[partition.topic][partition.partition]
            # Beyond the end it goes on at the earliest record, as `auto.offset.reset` says.
            begin = position if position <= len(records) else 0
            begin = max(begin, self.log.begins.get(partition, 0))
            batch = records[begin:][: max_records - len(taken)]
            self._positions[partition] = begin + len(batch)
            taken += batch
        if not taken:
            await self.log.clock.sleep(timeout_ms / 1_000)
        return taken

    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
        """Commits; RetryableError where a partition is not this member's."""
        await asyncio.sleep(0)
        if self.commit_errors:
            raise self.commit_errors.pop(0)
        if not offsets.keys() <= self._positions.keys():
            raise RetryableError("the group has moved on")
        for partition, entry in offsets.items():
            self.log.commits[(self.group, partition)] = entry
            self.log.history.append((partition, *entry))

    async def committed(self, partition: TopicPartition) -> tuple[int, str] | None:
        """The committed next offset with its metadata, or None."""
        await asyncio.sleep(0)
        return self.log.commits.get((self.group, partition))

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Stops handing these over."""
        self._paused.update(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Hands these over again."""
        self._paused.difference_update(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Goes on from `offset`."""
        self._positions[partition] = offset

    async def begin_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """The offset of the first record that each partition still has."""
        await asyncio.sleep(0)
        return {tp: self.log.begins.get(tp, 0) for tp in partitions}

    async def end_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """The offset that the next record of each partition will get."""
        await asyncio.sleep(0)
        return {tp: len(self.log.topics[tp.topic][tp.partition]) for tp in partitions}

    def behind(self, partition: TopicPartition) -> int | None:
        """How many records were not handed over; None where the partition is not this member's."""
        if partition not in self._positions:
            return None
        end = len(self.log.topics[partition.topic][partition.partition])
        return max(0, end - self._positions[partition])

    async def stop(self) -> None:
        """Leaves the group."""
        if self in self.log.members:
            self.vanish()
            await self.log.rebalance(self.group)

    def vanish(self) -> None:
        """Is dead: nobody is told, and nothing is committed any more."""
        self._gone = True
        if self in self.log.members:
            self.log.members.remove(self)
        self._positions.clear()

    async def lose(self) -> None:
        """Gives up what it has."""
        gone = list(self._positions)
        if gone and self._listener is not None:
            await self._listener.on_revoked(gone)
        self._positions.clear()
        self._paused.clear()

    async def gain(self, partitions: Sequence[TopicPartition]) -> None:
        """Gets partitions, from their committed offsets on."""
        for partition in partitions:
            at = self.log.commits.get((self.group, partition))
            self._positions[partition] = at[0] if at is not None else 0
        self._paused.update(partitions)
        if self._listener is not None:
            await self._listener.on_assigned(partitions)
        self._paused.difference_update(partitions)


class FakeProducer:
    """Sends to a `FakeLog`; acknowledgements may be held back, and sends may fail."""

    def __init__(self, log: FakeLog) -> None:
        self.log = log
        self.send_errors: list[PlimsollError] = []
        self._holding = False
        self._gone = False
        self._held: list[tuple[OutRecord, asyncio.Future[Position]]] = []

    async def start(self) -> None:
        """Connects."""

    async def send(self, record: OutRecord) -> asyncio.Future[Position]:
        """Queues a record; the future gives its position."""
        acknowledged: asyncio.Future[Position] = asyncio.get_running_loop().create_future()
        if self._gone:
            return acknowledged
        if self.send_errors:
            acknowledged.set_exception(self.send_errors.pop(0))
        elif self._holding:
            self._held.append((record, acknowledged))
        else:
            acknowledged.set_result(self.log.append(record))
        return acknowledged

    def hold(self) -> None:
        """From now on nothing is acknowledged, or written."""
        self._holding = True

    def release(self, key: bytes | None = None) -> None:
        """Writes and acknowledges what was held; with a key, only that one."""
        kept = []
        for record, acknowledged in self._held:
            if key is not None and record.key != key:
                kept.append((record, acknowledged))
            elif not acknowledged.done():
                acknowledged.set_result(self.log.append(record))
        self._held = kept
        self._holding = key is not None

    def vanish(self) -> None:
        """Is dead: nothing is written or acknowledged any more."""
        self._gone = True
        self._held.clear()

    async def flush(self) -> None:
        """Everything queued has been acknowledged."""
        await asyncio.sleep(0)

    async def stop(self) -> None:
        """Disconnects."""
