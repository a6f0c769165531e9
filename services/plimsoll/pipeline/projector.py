"""The indexer's loop: polls, projects, writes, and only then tells the group how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from plimsoll.domain.errors import FencedError, RetryableError
from plimsoll.domain.record import TopicPartition
from plimsoll.pipeline.holdings import Holdings
from plimsoll.pipeline.lag import Lag, Oldest
from plimsoll.pipeline.projection import Projection, project, restrict
from plimsoll.pipeline.traced import projecting
from plimsoll.ports.clock import Clock
from plimsoll.ports.log import LogConsumer
from plimsoll.ports.store import Batch, ScoreStore
from plimsoll.ports.telemetry import (
    EVENTS_PROJECTED,
    INDEXER_LAG,
    LOOP_TURNS,
    PARTITIONS,
    PROJECTION_SECONDS,
    RECORDS_UNREADABLE,
    STORE_ROWS,
    STORE_WAITS,
    Telemetry,
)
from plimsoll.ports.tracing import Tracing
from plimsoll.resilience.patience import keep_trying

_log = structlog.get_logger(__name__)

_COMMIT_EVERY_S = 1.0
_COMMIT_TIMEOUT_S = 2.0
_REPORT_EVERY_S = 5.0
_FENCED_WAIT_S = 1.0
_PAUSED_POLL_S = 0.1
_STOP_GRACE_S = 1.0


class Projector:
    """Rows and offsets go into the store together, so that each event counts once.

    The group's own offsets are written too, for tools that show lag; nothing is read from them.
    """

    def __init__(
        self,
        *,
        consumer: LogConsumer,
        store: ScoreStore,
        clock: Clock,
        telemetry: Telemetry,
        dead_letter_topic: str,
        batch_records: int,
        poll_timeout_ms: int,
        tracing: Tracing | None = None,
    ) -> None:
        self._consumer = consumer
        self._store = store
        self._clock = clock
        self._telemetry = telemetry
        self._tracing = tracing
        self._dead_letter_topic = dead_letter_topic
        self._batch_records = batch_records
        self._poll_timeout_ms = poll_timeout_ms
        self._holdings = Holdings(consumer, store, telemetry)
        self._lag = Lag(consumer.group, consumer.behind, clock, telemetry)
        # The oldest record in hand of each partition that has any.
        self._in_hand: dict[TopicPartition, int] = {}
        self._polling_clock = _PollingClock(consumer, clock)
        # Held for one write at a time: a revocation waits for it and for nothing longer.
        self._writing = asyncio.Lock()
        self._stop = asyncio.Event()
        self._committed: dict[TopicPartition, int] = {}
        self._last_commit = self._last_report = clock.monotonic()

    @property
    def claimed(self) -> frozenset[TopicPartition]:
        """Partitions that are read and written now."""
        return self._holdings.claimed

    def stop(self) -> None:
        """Asks for a drain: `run` writes what is in hand, commits, leaves and returns."""
        self._stop.set()

    async def run(self, ready: Callable[[], None]) -> None:
        """Runs until `stop`; FatalError where it can never go on.

        `ready` is called once, when the group is joined and its partitions are claimed. Brokers
        and a store that are away are waited for.
        """
        taking = asyncio.ensure_future(self._take(ready))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({taking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            # A poll may wait as long as a rebalance does, a write as long as the store is away.
            await asyncio.wait({taking}, timeout=_STOP_GRACE_S)
        finally:
            stopping.cancel()
            taking.cancel()
            await asyncio.wait({taking})
            try:
                await self._commit(self._holdings.next_offsets)
            finally:
                # Who may not commit leaves the group all the same: the others would wait for it.
                await self._consumer.stop()
        if not taking.cancelled():
            taking.result()

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """The loop claims them before it reads on."""
        self._holdings.gain(partitions)
        self._telemetry.set(PARTITIONS, len(partitions))

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Waits for a write under way; what is in hand and unwritten, the next owner reads."""
        async with self._writing:
            lost = self._holdings.lose(partitions)
        self._lag.forget(partitions)
        for topic, number in partitions:
            self._telemetry.forget(INDEXER_LAG, (topic, str(number)))
        self._telemetry.set(PARTITIONS, 0)
        await self._commit(lost)
        for tp in partitions:
            self._committed.pop(tp, None)

    async def _take(self, ready: Callable[[], None]) -> None:
        await keep_trying(lambda: self._consumer.start(self), self._clock, self._note_wait)
        await self._claim()
        ready()
        while not self._stop.is_set():
            self._telemetry.count(LOOP_TURNS)
            await self._claim()
            try:
                records = await self._consumer.poll(self._batch_records, self._poll_timeout_ms)
            except RetryableError as error:
                _log.warning("indexer.poll.waits", error=str(error))
                await self._clock.sleep(error.delay.total_seconds())
                continue
            self._lag.took(records)
            if mine := self._holdings.readable(records):
                for record in reversed(mine):
                    at = TopicPartition(record.topic, record.partition)
                    self._in_hand[at] = record.timestamp_ms
                with projecting(self._tracing, mine):
                    await self._write(project(mine, self._dead_letter_topic))
                self._in_hand.clear()
            self._lag.tell(self._oldest)
            await self._report_when_due()

    async def _claim(self) -> None:
        while self._holdings.unclaimed:
            await keep_trying(self._holdings.claim, self._polling_clock, self._note_wait)

    async def _write(self, projection: Projection) -> None:
        try:
            await keep_trying(
                lambda: self._write_once(projection.batch), self._polling_clock, self._note_wait
            )
        except FencedError as error:
            # A zombie learns by polling that it is out of the group; a rebuilt store starts anew.
            _log.warning("indexer.write.fenced", error=str(error))
            self._holdings.doubt()
            await self._polling_clock.sleep(_FENCED_WAIT_S)
            return
        self._consumer.resume(self._holdings.claimed)
        for one in projection.unreadable:
            self._telemetry.count(RECORDS_UNREADABLE, (one.topic, one.reason))
            _log.warning(
                "indexer.record.unreadable",
                topic=one.topic,
                partition=one.partition,
                offset=one.offset,
                reason=one.reason,
            )

    async def _write_once(self, batch: Batch) -> None:
        async with self._writing:
            # While the store was away, some of it may have gone to another member.
            mine = restrict(batch, self._holdings.claimed)
            if not mine.next_offsets:
                return
            began = self._clock.monotonic()
            new = await self._store.write(mine)
            self._holdings.advance(mine.next_offsets)
        self._telemetry.observe(PROJECTION_SECONDS, self._clock.monotonic() - began)
        self._telemetry.count(EVENTS_PROJECTED, (), new)

    def _note_wait(self, error: RetryableError) -> None:
        self._telemetry.count(STORE_WAITS)
        self._telemetry.count(LOOP_TURNS)
        self._lag.tell(self._oldest)
        self._consumer.pause(self._holdings.claimed)
        _log.warning("indexer.waits", error=str(error))

    def _oldest(self) -> Oldest:
        return {tp: self._in_hand.get(tp) for tp in self._holdings.claimed}

    async def _report_when_due(self) -> None:
        now = self._clock.monotonic()
        if now - self._last_commit >= _COMMIT_EVERY_S:
            self._last_commit = now
            await self._commit(self._holdings.next_offsets)
        if now - self._last_report >= _REPORT_EVERY_S:
            self._last_report = now
            await self._report()

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        moved = {tp: at for tp, at in offsets.items() if self._committed.get(tp) != at}
        if not moved:
            return
        try:
            async with asyncio.timeout(_COMMIT_TIMEOUT_S):
                await self._consumer.commit({tp: (at, "") for tp, at in moved.items()})
        except (RetryableError, TimeoutError) as error:
            # For tools only: the store knows better.
            _log.debug("indexer.commit.failed", error=str(error))
        else:
            self._committed.update(moved)

    async def _report(self) -> None:
        try:
            await self._holdings.check()
            # Time goes on where no batch comes, too.
            await self._store.tend()
            mine = self._holdings.next_offsets
            for what, count in (await self._store.counts()).items():
                self._telemetry.set(STORE_ROWS, count, (what,))
            for tp, end in (await self._consumer.end_offsets(sorted(mine))).items():
                if tp in self._holdings.claimed:
                    self._telemetry.set(INDEXER_LAG, end - mine[tp], (tp.topic, str(tp.partition)))
        except RetryableError as error:
            _log.debug("indexer.report.failed", error=str(error))


class _PollingClock:
    """A clock whose sleep keeps the group's member alive: it polls while everything is paused."""

    def __init__(self, consumer: LogConsumer, clock: Clock) -> None:
        self._consumer = consumer
        self._clock = clock

    def monotonic(self) -> float:
        """As the clock's."""
        return self._clock.monotonic()

    def now(self) -> datetime:
        """As the clock's."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Waits; what a poll gives meanwhile is of partitions that are not claimed yet."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            try:
                # At least one: what is left may be less, and a clock need not go on by itself.
                await self._consumer.poll(1, max(1, int(min(left, _PAUSED_POLL_S) * 1000)))
            except RetryableError:
                await self._clock.sleep(min(left, _PAUSED_POLL_S))
            await self._clock.sleep(min(left, _PAUSED_POLL_S) / 10)
