"""A partitioned log as Kafka has it: a group's consumer and a producer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from plimsoll.domain.record import OutRecord, Position, Record, TopicPartition


class RebalanceListener(Protocol):
    """Told of partitions that come and go; both calls finish before the group moves on."""

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """These partitions are ours from their committed offsets on."""

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """These partitions go: finish what can be finished in time, commit, forget the rest."""


class LogConsumer(Protocol):
    """A member of a consumer group that never commits by itself."""

    @property
    def group(self) -> str:
        """The group's name."""

    async def start(self, listener: RebalanceListener) -> None:
        """Joins the group."""

    async def poll(self, max_records: int, timeout_ms: int) -> Sequence[Record]:
        """Records of partitions that are not paused; must be called often even if all are."""

    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
        """Commits next offsets, each with metadata. RetryableError where the group has moved on."""

    async def committed(self, partition: TopicPartition) -> tuple[int, str] | None:
        """The committed next offset with its metadata, or None."""

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Stops fetching these; unknown ones are ignored."""

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetches these again; unknown ones are ignored."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Fetches this partition from `offset` on; call it from `on_assigned`."""

    async def begin_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """The offset of the first record that each partition still has, or will have."""

    async def end_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """The offset that the next record of each partition will get."""

    def behind(self, partition: TopicPartition) -> int | None:
        """About how many records wait, as brokers said lately; None where that is not known."""

    async def stop(self) -> None:
        """Leaves the group; never raises."""


class LogProducer(Protocol):
    """Sends with acks=all; a future is done when the broker has acknowledged."""

    async def start(self) -> None:
        """Connects."""

    async def send(self, record: OutRecord) -> asyncio.Future[Position]:
        """Queues a record, waiting where the buffer is full; the future gives its position.

        The future fails with RetryableError, PoisonError (too large) or FatalError.
        """

    async def flush(self) -> None:
        """Waits until everything queued has been acknowledged or has failed."""

    async def stop(self) -> None:
        """Flushes and disconnects; never raises."""
