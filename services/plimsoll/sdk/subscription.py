"""A stream of visible scores, at least once each; offsets are committed after the work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import TracebackType
from typing import Self

import structlog

from plimsoll.domain.errors import RetryableError
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.log import LogConsumer
from plimsoll.sdk.events import ScoredEvent, SubscriptionStats
from plimsoll.sdk.intake import Intake

_log = structlog.get_logger(__name__)

_POLL_FULL_MS = 20


class Ack(StrEnum):
    """When an event counts as dealt with: as the next one is asked for, or when the reader says."""

    ON_NEXT = "on_next"
    EXPLICIT = "explicit"


@dataclass(frozen=True, slots=True)
class SubscriptionOptions:
    """Bounds and habits of one subscription; an ephemeral one commits nothing."""

    ack: Ack = Ack.ON_NEXT
    ephemeral: bool = True
    buffer_events: int = 256
    max_unacknowledged: int = 1_000
    commit_interval: timedelta = timedelta(milliseconds=500)
    poll_timeout_ms: int = 200
    # Longer than a request to a broker may take, so that its own error is told.
    start_timeout: timedelta = timedelta(seconds=45)
    stop_when_idle: timedelta | None = None


class Subscription:
    """Iterates over visible scores; make it with `Plimsoll.subscribe`.

    It joins its group at the first event that is asked for, or with `async with`, which also leaves
    the group at the end of the block. Without it, `close` or the client's end does.

    The offset of an event is committed once the event and all before it in its partition have been
    acknowledged: a crash repeats what was in hand, and loses nothing. With `Ack.ON_NEXT` asking for
    the next event acknowledges the one before; leaving the loop with `break` or by an exception
    leaves the last one unacknowledged, so that it comes again, unless `ack` was called.

    A slow reader keeps its place in the group: records are polled beside it, into a buffer with a
    bound.
    """

    def __init__(
        self, make_consumer: Callable[[], LogConsumer], intake: Intake, options: SubscriptionOptions
    ) -> None:
        self._make_consumer = make_consumer
        self._intake = intake
        self._options = options
        self._consumer: LogConsumer | None = None
        self._pump: asyncio.Task[None] | None = None
        self._in_hand: ScoredEvent | None = None
        self._must_rejoin = False
        self._closed = False

    @property
    def stats(self) -> SubscriptionStats:
        """What became of the events read so far."""
        return self._intake.stats

    @property
    def closed(self) -> bool:
        """Whether it has left its group for good."""
        return self._closed

    @property
    def queued(self) -> int:
        """Events that wait for the reader, at most the buffer's bound."""
        return self._intake.queued

    async def start(self) -> None:
        """Joins the group; RetryableError where it cannot within the start's timeout."""
        if self._closed:
            raise RuntimeError("this subscription is closed; make a new one")
        if self._pump is None:
            await self._join()
            self._pump = asyncio.create_task(self._run())

    def ack(self, event: ScoredEvent) -> None:
        """The reader is done with an event; to say so twice is the same as once."""
        self._intake.acknowledge(event)

    async def close(self) -> None:
        """Commits what was acknowledged and leaves the group; never raises."""
        self._closed = True
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            await asyncio.wait({pump})
            if not pump.cancelled():
                pump.exception()  # the reader has left: marks it as seen
        await self._leave()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ScoredEvent:
        if self._in_hand is not None and self._options.ack is Ack.ON_NEXT:
            self.ack(self._in_hand)
        self._in_hand = None
        await self.start()
        idle = self._options.stop_when_idle
        try:
            async with asyncio.timeout(None if idle is None else idle.total_seconds()):
                self._in_hand = await self._next()
        except TimeoutError:
            raise StopAsyncIteration from None
        return self._in_hand

    async def _next(self) -> ScoredEvent:
        intake = self._intake
        while True:
            intake.changed.clear()
            if intake.unacknowledged < self._options.max_unacknowledged:
                event = intake.give()
                if event is not None:
                    return event
            await self._something_changed()

    async def _something_changed(self) -> None:
        """Waits for an event, an acknowledgement, or the end of the pump, which is an error."""
        pump = self._pump
        if pump is None:
            raise StopAsyncIteration
        changed = asyncio.create_task(self._intake.changed.wait())
        try:
            await asyncio.wait({changed, pump}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        if pump.done():
            if pump.cancelled():
                raise StopAsyncIteration
            pump.result()

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """Part of joining; the log calls it."""
        if self._consumer is None:
            return
        try:
            await self._intake.assign(self._consumer, partitions)
        except RetryableError:
            # Without its place in a partition this member would begin anywhere: it joins again.
            self._must_rejoin = True
            self._intake.revoke(partitions)
            raise

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Part of leaving; the log calls it."""
        await self._commit()
        self._intake.revoke(partitions)

    async def _join(self) -> None:
        consumer = self._consumer = self._make_consumer()
        limit = self._options.start_timeout.total_seconds()
        try:
            async with asyncio.timeout(limit):
                await consumer.start(self)
        except TimeoutError:
            await self._leave()
            raise RetryableError(f"no place in the group within {limit:g} s") from None
        except RetryableError:
            await self._leave()
            raise

    async def _leave(self) -> None:
        consumer = self._consumer
        if consumer is not None:
            await self._commit()
            self._intake.revoke(self._intake.partitions)
            self._consumer = None
            await consumer.stop()

    async def _run(self) -> None:
        """Polls beside the reader for as long as the subscription lives."""
        loop = asyncio.get_running_loop()
        commit_at = loop.time()
        while True:
            try:
                if self._must_rejoin or self._consumer is None:
                    await self._rejoin()
                await self._poll()
                if loop.time() >= commit_at:
                    await self._commit()
                    commit_at = loop.time() + self._options.commit_interval.total_seconds()
            except RetryableError as trouble:
                _log.warning("subscription.interrupted", error=str(trouble))
                await asyncio.sleep(trouble.delay.total_seconds())

    async def _rejoin(self) -> None:
        await self._leave()
        self._must_rejoin = False
        await self._join()

    async def _poll(self) -> None:
        consumer = self._consumer
        if consumer is None:
            return
        room = self._options.buffer_events - self._intake.queued
        if room > 0:
            consumer.resume(self._intake.partitions)
            records = await consumer.poll(room, self._options.poll_timeout_ms)
        else:
            consumer.pause(self._intake.partitions)
            records = await consumer.poll(1, _POLL_FULL_MS)
        for record in records:
            self._intake.take(record)

    async def _commit(self) -> None:
        due = self._intake.due()
        if self._options.ephemeral or not due or self._consumer is None:
            return
        try:
            await self._consumer.commit(due)
        except RetryableError:
            # The group has moved on, or the broker is away: what is not committed comes again.
            _log.info("subscription.commit.missed", partitions=len(due))
        else:
            self._intake.committed(due)
