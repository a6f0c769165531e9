"""Reads stretches of a topic by offset, outside of every group; commits nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from plimsoll.adapters.kafka.connection import connection_arguments, let_go
from plimsoll.adapters.kafka.errors import KAFKA_ERRORS, translate
from plimsoll.adapters.kafka.incoming import record_of
from plimsoll.adapters.kafka.refusals import starting_error
from plimsoll.adapters.kafka.rereading import UNREADABLE, reread
from plimsoll.adapters.kafka.visibility import demand_visible
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.settings.kafka import KafkaSettings

# aiokafka's fetcher may swallow its cancellation; a reader has nothing to lose by leaving it.
_CLOSE_TIMEOUT_S = 0.5
_POLL_MS = 300
_REREAD_RECORDS = 500


class KafkaReader:
    """An open connection for reading; `async with KafkaReader(settings) as reader`.

    Every method raises RetryableError, FatalError or ConfigurationError.
    """

    def __init__(self, settings: KafkaSettings, role: str = "reader") -> None:
        self._settings = settings
        self._role = role
        self._consumer: Any = None

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            **connection_arguments(self._settings, self._role),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=self._settings.max_partition_fetch_bytes,
        )
        connected = False
        try:
            await self._consumer.start()
            connected = True
        except KAFKA_ERRORS as error:
            doing = f"connecting to {self._settings.bootstrap_servers}"
            raise await starting_error(error, doing, self._settings, self._role) from error
        finally:
            # Whoever is cancelled as he connects has nothing to close it by.
            if not connected:
                await self.close()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Disconnects; never raises."""
        await let_go(self._consumer.stop(), _CLOSE_TIMEOUT_S, self._role)

    async def partitions(self, topic: str) -> Sequence[TopicPartition]:
        """The partitions of a topic, in order; none where there is no such topic.

        FatalError where there may be one that this user has no right to.
        """
        client = self._consumer._client  # noqa: SLF001 - it has no public call
        try:
            # What the consumer itself knows of topics is of the time when it started.
            cluster = await client.fetch_all_metadata()
            found = cluster.partitions_for_topic(topic) or ()
            if not found:
                await demand_visible(client, topic)
        except KAFKA_ERRORS as error:
            raise translate(error, f"looking for topic {topic}") from error
        return [TopicPartition(topic, number) for number in sorted(found)]

    async def bounds(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        """The first offset of each partition, and the one that its next record will get."""
        asked = [KafkaPartition(*tp) for tp in partitions]
        try:
            begins = await self._consumer.beginning_offsets(asked)
            ends = dict(await self._consumer.end_offsets(asked))
            await self._correct(ends)
        except KAFKA_ERRORS as error:
            raise translate(error, "reading offsets") from error
        return {tp: (begins[kp], ends[kp]) for tp, kp in zip(partitions, asked, strict=True)}

    async def reach(self, partitions: Sequence[TopicPartition]) -> None:
        """Asks the leader of each partition: one that has none is not merely quiet."""
        try:
            await self._consumer.end_offsets([KafkaPartition(*tp) for tp in partitions])
        except KAFKA_ERRORS as error:
            raise translate(error, "asking the leaders of partitions") from error

    async def offsets_at(
        self, partitions: Sequence[TopicPartition], time: datetime
    ) -> Mapping[TopicPartition, int]:
        """The first offset whose record is of this time or later; none where all are earlier."""
        at_ms = int(time.timestamp() * 1_000)
        try:
            found = await self._consumer.offsets_for_times(
                {KafkaPartition(*tp): at_ms for tp in partitions}
            )
        except KAFKA_ERRORS as error:
            raise translate(error, "reading offsets by time") from error
        return {TopicPartition(*kp): at.offset for kp, at in found.items() if at is not None}

    async def _correct(self, ends: dict[KafkaPartition, int]) -> None:
        """The broker in memory names the start of its last batch as the end: reads that batch."""
        filled = [tp for tp, end in ends.items() if end]
        if not filled:
            return
        self._consumer.assign(filled)
        for tp in filled:
            self._consumer.seek(tp, ends[tp])
        batches = await self._consumer.getmany(*filled, timeout_ms=_POLL_MS)
        for tp, batch in batches.items():
            ends[tp] = batch[-1].offset + 1 if batch else ends[tp]

    async def stretch(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Sequence[Record]]:
        """Records from `starts` up to, and without, `ends`; in batches, by partition in order.

        A batch may be empty: what was asked for may have been deleted or compacted away.
        """
        open_ = {KafkaPartition(*tp): ends[tp] for tp, at in starts.items() if at < ends[tp]}
        try:
            self._consumer.assign(list(open_))
            for tp in open_:
                self._consumer.seek(tp, starts[TopicPartition(tp.topic, tp.partition)])
            while open_:
                batches = await self._take(list(open_), _POLL_MS)
                yield [
                    record_of(message)
                    for tp, batch in batches.items()
                    for message in batch
                    if message.offset < open_[tp]
                ]
                for tp in list(open_):
                    if await self._consumer.position(tp) >= open_[tp]:
                        del open_[tp]
        except KAFKA_ERRORS as error:
            raise translate(error, "reading records") from error

    async def whole(self, partitions: Sequence[TopicPartition]) -> Sequence[Record]:
        """Every record that these hold now, from the first offset on."""
        bounds = await self.bounds(partitions)
        starts = {tp: begin for tp, (begin, _) in bounds.items()}
        ends = {tp: end for tp, (_, end) in bounds.items()}
        return [record async for batch in self.stretch(starts, ends) for record in batch]

    async def follow(
        self,
        partitions: Sequence[TopicPartition],
        timeout_ms: int = _POLL_MS,
        *,
        starts: Mapping[TopicPartition, int] | None = None,
    ) -> AsyncIterator[Sequence[Record]]:
        """Records from `starts`, else from the first offsets, on; without end.

        A batch is empty where none came.
        """
        asked = [KafkaPartition(*tp) for tp in partitions]
        try:
            self._consumer.assign(asked)
            if starts is None:
                await self._consumer.seek_to_beginning(*asked)
            else:
                for tp, start in starts.items():
                    self._consumer.seek(KafkaPartition(*tp), start)
            while True:
                batches = await self._take(asked, timeout_ms)
                yield [record_of(message) for batch in batches.values() for message in batch]
        except KAFKA_ERRORS as error:
            raise translate(error, "reading records") from error

    async def _take(
        self, partitions: Sequence[KafkaPartition], timeout_ms: int
    ) -> Mapping[KafkaPartition, Sequence[Any]]:
        """What came; by our own reader where aiokafka stumbles over an odd record."""
        stands = {tp: await self._consumer.position(tp) for tp in partitions}
        try:
            found: Mapping[KafkaPartition, Sequence[Any]] = await self._consumer.getmany(
                *partitions, timeout_ms=timeout_ms
            )
        except UNREADABLE:
            taken: dict[KafkaPartition, Sequence[Any]] = {}
            most_bytes = self._settings.max_partition_fetch_bytes
            for tp, offset in stands.items():
                reading = await reread(self._consumer, tp, offset, _REREAD_RECORDS, most_bytes)
                self._consumer.seek(tp, reading.next_offset)
                taken[tp] = reading.records
            return taken
        return found
