"""A member of a consumer group on Kafka that never commits by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.structs import OffsetAndMetadata

from plimsoll.adapters.kafka.connection import connection_arguments, let_go
from plimsoll.adapters.kafka.errors import KAFKA_ERRORS, Verdict, translate, verdict
from plimsoll.adapters.kafka.incoming import record_of
from plimsoll.adapters.kafka.progress import behind, positions
from plimsoll.adapters.kafka.refusals import starting_error
from plimsoll.adapters.kafka.rereading import UNREADABLE, Reading, reread
from plimsoll.domain.errors import PlimsollError, RetryableError
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.ports.log import RebalanceListener
from plimsoll.settings.kafka import KafkaSettings

_log = structlog.get_logger(__name__)

_STOP_TIMEOUT_S = 5.0
# No topic has this name: asking for it alone keeps the member polling while nothing is taken.
_NOTHING = KafkaPartition("", 0)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Hands rebalances through to the consumer that owns it."""

    def __init__(self, owner: KafkaLogConsumer, listener: RebalanceListener) -> None:
        self._owner = owner
        self._listener = listener

    async def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Told before the group moves on."""
        await self._owner.revoked(self._listener, revoked)

    async def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Told before the first fetch."""
        await self._owner.assigned(self._listener, assigned)


class KafkaLogConsumer:
    """Reads some topics as one member of a group, from the committed offsets or the earliest.

    Pausing is kept here and not in aiokafka, which would throw away what it has fetched and fetch
    it again; a paused partition holds one fetch in memory (`kafka.max_partition_fetch_bytes`).
    """

    def __init__(
        self,
        settings: KafkaSettings,
        topics: Sequence[str],
        group_id: str,
        *,
        group_instance_id: str = "",
        drain_timeout_s: float = 8.0,
        role: str = "consumer",
    ) -> None:
        self._settings = settings
        self._topics = tuple(topics)
        self._group_id = group_id
        self._instance_id = group_instance_id
        self._drain_timeout_s = drain_timeout_s
        self._role = role
        self._consumer: Any = None
        self._listener: RebalanceListener | None = None
        self._assigned: frozenset[KafkaPartition] = frozenset()
        self._paused: set[KafkaPartition] = set()
        self._wanted: tuple[KafkaPartition, ...] = (_NOTHING,)
        # Where the caller stands: after what it was given, or where it went.
        self._next: dict[KafkaPartition, int] = {}
        self._failure: BaseException | None = None
        self._joined = asyncio.Event()

    @property
    def group(self) -> str:
        """The group's name."""
        return self._group_id

    async def start(self, listener: RebalanceListener) -> None:
        """Connects and joins the group; RetryableError where no broker or topic is there."""
        self._listener = listener
        # Known before it starts: the first rebalance happens while it does.
        self._consumer = self._build()
        self._consumer.subscribe(list(self._topics), listener=_Listener(self, listener))
        self._joined.clear()
        try:
            await self._consumer.start()
            # aiokafka returns with the assignment, before the listener has been told.
            await self._joined.wait()
        except asyncio.CancelledError:
            await self.stop()
            raise
        except KAFKA_ERRORS as error:
            await self.stop()
            doing = f"joining group {self._group_id}"
            raise await starting_error(error, doing, self._settings, self._role) from error

    def _build(self) -> AIOKafkaConsumer:
        rebalance_ms = int((self._drain_timeout_s + 5.0) * 1000)
        return AIOKafkaConsumer(
            **connection_arguments(self._settings, self._role),
            group_id=self._group_id,
            group_instance_id=self._instance_id or None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            session_timeout_ms=self._settings.session_timeout_ms,
            heartbeat_interval_ms=max(300, self._settings.session_timeout_ms // 4),
            # The group waits so long for this member to finish what it has in hand.
            rebalance_timeout_ms=max(rebalance_ms, self._settings.session_timeout_ms),
            max_partition_fetch_bytes=self._settings.max_partition_fetch_bytes,
            fetch_max_wait_ms=100,
        )

    async def poll(self, max_records: int, timeout_ms: int) -> Sequence[Record]:
        """Records of partitions that are not paused.

        Between aiokafka handing them over and the caller's next line nothing else runs, so what
        is returned belongs to the current assignment. Await it without a task around it.
        """
        if self._failure is not None:
            failure, self._failure = self._failure, None
            if isinstance(failure, RetryableError):
                # A listener that could not get ready has no use for this assignment.
                await self._build_anew(failure)
            raise failure
        try:
            batches = await self._consumer.getmany(
                *self._wanted, timeout_ms=timeout_ms, max_records=max_records
            )
        except UNREADABLE as error:
            _log.warning("kafka.records.reread", group=self._group_id, error=type(error).__name__)
            batches = await self._reread(max_records)
        except KAFKA_ERRORS as error:
            if verdict(error) is Verdict.BROKEN:
                await self._build_anew(error)
            raise translate(error, f"polling for group {self._group_id}") from error
        for tp, batch in batches.items():
            self._next[tp] = batch[-1].offset + 1
        return [record_of(message) for batch in batches.values() for message in batch]

    async def _reread(self, max_records: int) -> Mapping[KafkaPartition, Sequence[Any]]:
        """What was asked for, by our own reader; nothing where a rebalance came in between."""
        mine, wanted = self._assigned, self._wanted
        try:
            stands = {tp: await self._stand(tp) for tp in wanted}
            if self._assigned is not mine:
                return {}
            # The failed call may have taken records of other partitions too, which aiokafka will
            # not give again.
            for tp, offset in stands.items():
                self._consumer.seek(tp, offset)
        except RetryableError as error:
            await self._build_anew(error)
            raise
        share = max(1, max_records // len(wanted))
        found: dict[KafkaPartition, Reading] = {}
        failure: PlimsollError | None = None
        for tp, offset in stands.items():
            try:
                found[tp] = await reread(
                    self._consumer, tp, offset, share, self._settings.max_partition_fetch_bytes
                )
            except KAFKA_ERRORS as error:
                failure = translate(error, f"reading {tp.topic}/{tp.partition} again")
        if self._assigned is not mine:
            return {}
        for tp, reading in found.items():
            self._next[tp] = reading.next_offset
            self._consumer.seek(tp, reading.next_offset)
        if failure is not None and not any(reading.records for reading in found.values()):
            raise failure
        return {tp: reading.records for tp, reading in found.items() if reading.records}

    async def _stand(self, partition: KafkaPartition) -> int:
        known = self._next.get(partition)
        if known is not None:
            return known
        at = await self.committed(TopicPartition(*partition))
        return 0 if at is None else at[0]

    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
        """Commits next offsets, each with metadata. RetryableError where the group has moved on."""
        if not offsets:
            return
        try:
            await self._consumer.commit(
                {KafkaPartition(*tp): OffsetAndMetadata(*at) for tp, at in offsets.items()}
            )
        except KAFKA_ERRORS as error:
            raise translate(error, f"committing for group {self._group_id}") from error

    async def committed(self, partition: TopicPartition) -> tuple[int, str] | None:
        """The committed next offset with its metadata, or None."""
        tp = KafkaPartition(*partition)
        try:
            # The public call hides the metadata.
            found = await self._consumer._coordinator.fetch_committed_offsets([tp])  # noqa: SLF001
        except KAFKA_ERRORS as error:
            raise translate(error, f"reading offsets of group {self._group_id}") from error
        at = found.get(tp)
        return None if at is None or at.offset < 0 else (at.offset, at.metadata or "")

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Stops handing these over; unknown ones are ignored."""
        self._paused.update(KafkaPartition(*tp) for tp in partitions)
        self._choose()

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Hands these over again; unknown ones are ignored."""
        self._paused.difference_update(KafkaPartition(*tp) for tp in partitions)
        self._choose()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Fetches this partition from `offset` on; call it from `on_assigned`."""
        tp = KafkaPartition(*partition)
        self._consumer.seek(tp, offset)
        self._next[tp] = offset

    async def begin_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """The offset of the first record that each partition still has, or will have."""
        asked = [KafkaPartition(*tp) for tp in partitions]
        try:
            begins = await self._consumer.beginning_offsets(asked)
        except KAFKA_ERRORS as error:
            raise translate(error, "reading first offsets") from error
        return {TopicPartition(tp.topic, tp.partition): begin for tp, begin in begins.items()}

    async def end_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """The offset that the next record of each partition will get."""
        try:
            ends = await self._consumer.end_offsets([KafkaPartition(*tp) for tp in partitions])
        except KAFKA_ERRORS as error:
            raise translate(error, "reading end offsets") from error
        return {TopicPartition(tp.topic, tp.partition): end for tp, end in ends.items()}

    def behind(self, partition: TopicPartition) -> int | None:
        """About how many records were not handed over, as brokers said lately; asks nobody."""
        tp = KafkaPartition(*partition)
        if tp not in self._assigned or tp not in self._consumer.assignment():
            return None
        at = positions(self._consumer, {tp}).get(tp)
        return None if at is None else behind(self._consumer, tp, at)

    async def stop(self) -> None:
        """Leaves the group; never raises."""
        if self._consumer is not None:
            await let_go(self._consumer.stop(), _STOP_TIMEOUT_S, "consumer")

    async def revoked(self, listener: RebalanceListener, partitions: Iterable[Any]) -> None:
        """Passes a loss on; what it raises waits for the next poll: aiokafka would swallow it."""
        self._assigned = frozenset()
        self._next.clear()
        self._paused.clear()
        self._choose()
        gone = [TopicPartition(*tp) for tp in partitions]
        if gone:
            await self._tell(listener.on_revoked(gone))

    async def assigned(self, listener: RebalanceListener, partitions: Iterable[Any]) -> None:
        """Passes a gain on; nothing is fetched before the listener is ready."""
        mine = frozenset(partitions)
        # aiokafka fetches while this call waits. Its own pause forbids that; there is nothing
        # fetched yet that could be thrown away.
        self._consumer.pause(*mine)
        await self._tell(listener.on_assigned([TopicPartition(*tp) for tp in mine]))
        if self._failure is None:
            still_mine = mine & self._consumer.assignment()
            self._consumer.resume(*still_mine)
            self._assigned = mine
            self._choose()
        self._joined.set()

    async def _tell(self, call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(call)
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = error

    def _choose(self) -> None:
        self._wanted = tuple(self._assigned - self._paused) or (_NOTHING,)

    async def _build_anew(self, error: BaseException) -> None:
        """A background task of aiokafka has ended: this member leaves, and joins as a new one."""
        listener = self._listener
        if listener is None:
            raise RetryableError("the consumer was not started") from error
        _log.warning("kafka.consumer.rebuilt", group=self._group_id, error=type(error).__name__)
        await self.revoked(listener, self._assigned)
        await self.stop()
        await self.start(listener)
