"""From scored records to published windows: gather, save, publish, each step safe to repeat.

1. A record is counted in memory; its offset is not done.
2. Changed segments are written, then how far they reach; each waits for the broker.
3. Only then are the offsets done.
4. Changed windows are published; then those that are over are closed, and their segments deleted.

A process killed between any two steps starts from the last progress that is durable, counts the
records after it again, and knows those that are in a segment already by their IDs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import structlog

from plimsoll.domain.errors import FatalError, PoisonError, RetryableError
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.pipeline.gaps import Finding, Gap
from plimsoll.pipeline.lag import Lag, Oldest
from plimsoll.pipeline.windows import PartitionWindows, Saved, WindowRules, fresh
from plimsoll.ports.changelog import Changelog, PartitionStart
from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import (
    LOOP_TURNS,
    PARTITIONS,
    RESULTS_OBSERVED,
    SEND_RETRIES,
    WINDOWS_PUBLISHED,
    Telemetry,
)
from plimsoll.wire.quality import encode_quality
from plimsoll.wire.scored import decode_scored
from plimsoll.wire.window_state import decode_rows, progress_row, segment_key, segment_row

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ObservingRules:
    """Where windows go, how they are cut, who reads what, and how many records wait for a save."""

    topic: str
    windows: WindowRules
    group: str
    source: str
    max_gathered: int = 500


class Observing:
    """Windows of the partitions that are ours now."""

    def __init__(
        self, rules: ObservingRules, changelog: Changelog, clock: Clock, telemetry: Telemetry
    ) -> None:
        self._rules = rules
        self._changelog = changelog
        self._clock = clock
        self._telemetry = telemetry
        self._lock = asyncio.Lock()
        self._partitions: dict[int, PartitionWindows] = {}
        self._gathered: list[Callable[[], object]] = []
        self._gaps: dict[int, Gap] = {}
        self._lag = Lag(rules.group, self._behind, clock, telemetry)
        # The timestamp of the oldest gathered record of each partition that has any.
        self._waiting: dict[int, int] = {}

    async def recovered(self, partitions: Mapping[int, PartitionStart]) -> None:
        """Starts from saved state; these partitions and no others are ours.

        FatalError where the state does not belong to the topic or cannot be read.
        """
        async with self._lock:
            self._forget()
            for partition, start in partitions.items():
                saved = _saved(partition, start)
                self._partitions[partition] = PartitionWindows(self._rules.windows, saved)
            self._telemetry.set(PARTITIONS, len(self._partitions))

    async def revoked(self) -> None:
        """No partition is ours any more; what was not saved will come again."""
        async with self._lock:
            self._forget()

    def positions(self) -> Mapping[int, int]:
        """The next offset of each partition."""
        return {number: windows.next_offset for number, windows in self._partitions.items()}

    async def take(self, record: Record, done: Callable[[], object]) -> int | None:
        """Counts a record; `done` is called once that is durable.

        Gives an offset to read the partition from where records before this one are missing.
        """
        async with self._lock:
            windows = self._partitions.get(record.partition)
            if windows is None:
                return None
            if record.offset > windows.next_offset:
                gap = self._gaps.setdefault(record.partition, Gap())
                found = gap.meet(record.offset, self._clock.monotonic())
                where = {"partition": record.partition, "offset": record.offset}
                if found is not Finding.GONE:
                    _log.debug("observer.record.too_early", wanted=windows.next_offset, **where)
                    return windows.next_offset if found is Finding.ASK else None
                _log.warning("observer.records.gone", wanted=windows.next_offset, **where)
            self._gaps.pop(record.partition, None)
            self._telemetry.count(RESULTS_OBSERVED, (self._count(windows, record),))
            self._gathered.append(done)
            self._waiting.setdefault(record.partition, record.timestamp_ms)
            self._lag.took((record,))
            if len(self._gathered) >= self._rules.max_gathered:
                await self._save()
            return None

    async def save(self) -> None:
        """Makes what was gathered durable, then lets go of the offsets; retries by itself."""
        async with self._lock:
            self._telemetry.count(LOOP_TURNS)
            self._lag.tell(self._oldest)
            await self._save()

    async def publish(self) -> None:
        """Saves, then publishes what has changed and deletes what is over; retries by itself."""
        async with self._lock:
            await self._save()
            for number, windows in self._partitions.items():
                changed = windows.take_changed()
                if changed:
                    out = [encode_quality(window, self._rules.topic) for window in changed]
                    await self._insist(partial(self._changelog.publish, out))
                    self._telemetry.count(WINDOWS_PUBLISHED, (), len(out))
                closing, expired = windows.take_expired()
                if expired:
                    await self._write(number, [progress_row(closing)])
                    await self._write(number, [(segment_key(key), None) for key in expired])

    def _oldest(self) -> Oldest:
        return {self._at(number): self._waiting.get(number) for number in self._partitions}

    def _behind(self, at: TopicPartition) -> int | None:
        return self._changelog.behind(at.partition, self._partitions[at.partition].next_offset)

    def _at(self, number: int) -> TopicPartition:
        return TopicPartition(self._rules.source, number)

    def _forget(self) -> None:
        self._lag.forget(map(self._at, self._partitions))
        self._partitions.clear()
        self._gathered.clear()
        self._waiting.clear()
        self._gaps.clear()
        self._telemetry.set(PARTITIONS, 0)

    def _count(self, windows: PartitionWindows, record: Record) -> str:
        try:
            scored = decode_scored(record.value or b"")
        except PoisonError as poison:
            windows.pass_over(record.offset)
            where = {"partition": record.partition, "offset": record.offset}
            _log.warning("observer.record.poison", reason=poison.reason, **where)
            return "poison"
        return windows.observe(record.offset, record.timestamp_ms, scored)

    async def _save(self) -> None:
        for number, windows in self._partitions.items():
            segments, progress = windows.take_unsaved()
            # An ID that is forgotten with its window may count again in a later one: if only the
            # later were durable, the first would be taken for a duplicate.
            for _, of_window in groupby(segments, lambda segment: segment.key.start_ms):
                await self._write(number, [segment_row(segment) for segment in of_window])
            if progress is not None:
                await self._write(number, [progress_row(progress)])
        gathered, self._gathered = self._gathered, []
        self._waiting.clear()
        for done in gathered:
            done()

    async def _write(self, partition: int, rows: Sequence[tuple[bytes, bytes | None]]) -> None:
        await self._insist(partial(self._changelog.write, partition, rows))

    async def _insist(self, attempt: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await attempt()
            except RetryableError as error:
                _log.warning("observer.write.retried", error=str(error))
                self._telemetry.count(SEND_RETRIES)
                self._telemetry.count(LOOP_TURNS)
                self._lag.tell(self._oldest)
                await self._clock.sleep(error.delay.total_seconds())


def _saved(partition: int, start: PartitionStart) -> Saved:
    try:
        segments, progress = decode_rows(start.rows)
    except PoisonError as poison:
        raise FatalError(
            f"the observer's state of partition {partition} cannot be read ({poison}): set another "
            "observer.app_id to count the scores topic afresh"
        ) from poison
    if progress is None:
        # Segments without progress are from a first save that was cut short.
        return Saved(fresh(partition, start.begin).progress, segments)
    if progress.next_offset > start.end:
        raise FatalError(
            f"partition {partition} of the scores topic ends at {start.end}, but the observer "
            f"has counted up to {progress.next_offset}: the topic was made anew; set another "
            "observer.app_id to count it afresh"
        )
    return Saved(progress, segments)
