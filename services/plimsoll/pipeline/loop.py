"""The one consume loop: takes records, begins their paths, commits what is done."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.pipeline.attempt import Outcomes, RecordPath, begin, finish
from plimsoll.pipeline.commits import Commits
from plimsoll.pipeline.crash_note import CrashNote
from plimsoll.pipeline.delivery import Delivery, Work
from plimsoll.pipeline.intake import Intake
from plimsoll.pipeline.lag import Lag, Oldest
from plimsoll.pipeline.limits import Limits
from plimsoll.pipeline.partition import Assignment
from plimsoll.pipeline.takeover import Takeover
from plimsoll.ports.clock import Clock
from plimsoll.ports.log import LogConsumer, LogProducer
from plimsoll.ports.telemetry import (
    CAREFUL_RECORDS,
    IN_FLIGHT,
    LOOP_TURNS,
    PARTITIONS,
    POISON_PAUSES,
    RECORDS_CONSUMED,
    Telemetry,
)
from plimsoll.resilience.patience import Row, keep_trying

_log = structlog.get_logger(__name__)

# Heartbeats, acknowledgements and other partitions' work run between two slices.
_SLICE_S = 0.005
_POLL_MS = 100
# Where records wait for acknowledgements and not for the broker's next ones.
_SHORT_POLL_MS = 5
_STOP_GRACE_S = 1.0


class ConsumeLoop:
    """Runs a path over every record of a group's partitions: at least once, none left out.

    An offset is done when the brokers have acknowledged every record that it led to. What is
    committed is the prefix without a gap, so a crash repeats work and never skips any.
    """

    def __init__(
        self,
        *,
        consumer: LogConsumer,
        producer: LogProducer,
        path: RecordPath,
        delivery: Delivery,
        clock: Clock,
        telemetry: Telemetry,
        limits: Limits,
    ) -> None:
        self._consumer = consumer
        self._producer = producer
        self._path = path
        self._delivery = delivery
        self._clock = clock
        self._telemetry = telemetry
        self._limits = limits
        self._commits = Commits(consumer, telemetry)
        self._takeover = Takeover(consumer, self._commits, limits, telemetry)
        self._intake = Intake(limits)
        self._lag = Lag(consumer.group, consumer.behind, clock, telemetry)
        self._faults = Row(clock)
        self._assignments: dict[TopicPartition, Assignment] = {}
        self._backlog: deque[tuple[Assignment, Record]] = deque()
        self._reading: set[TopicPartition] = set()
        self._with_care = False
        # Whether a commit names a record that was begun alone.
        self._blaming = False
        self._commit: asyncio.Task[bool] | None = None
        self._last_commit = clock.monotonic()
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Asks for a drain: `run` finishes what is in work, commits, leaves and returns."""
        self._stop.set()

    async def run(self, ready: Callable[[], None]) -> None:
        """Runs until `stop`; raises FatalError where no record can succeed.

        `ready` is called once the group is joined. A broker that is away is waited for.
        """
        taking = asyncio.ensure_future(self._take(ready))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({taking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            # A poll waits as long as a rebalance does; what it would give is not committed.
            await asyncio.wait({taking}, timeout=_STOP_GRACE_S)
        finally:
            stopping.cancel()
            taking.cancel()
            await asyncio.wait({taking})
        error = None if taking.cancelled() else taking.exception()
        await self._close(error)
        if error is not None:
            raise error

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """Takes partitions over where their last owner committed."""
        for assignment in await self._takeover.begin(partitions):
            self._assignments[assignment.partition] = assignment
        self._reading = set(self._assignments)
        self._telemetry.set(PARTITIONS, len(self._assignments))

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Finishes what can be finished in time, commits the finished prefix, forgets the rest."""
        going = [self._assignments.pop(tp) for tp in partitions if tp in self._assignments]
        await self._let_go(going)
        self._lag.forget(partitions)
        self._telemetry.set(PARTITIONS, len(self._assignments))

    async def _take(self, ready: Callable[[], None]) -> None:
        await keep_trying(self._producer.start, self._clock, _note_wait)
        await keep_trying(lambda: self._consumer.start(self), self._clock, _note_wait)
        ready()
        while not self._stop.is_set():
            if self._delivery.fatal is not None:
                raise self._delivery.fatal
            await self._turn()

    async def _turn(self) -> None:
        self._telemetry.count(LOOP_TURNS)
        asked, timeout_ms = self._steer()
        try:
            # Not in a task of its own: between the poll's return and the admission nothing may
            # run, or a rebalance could come between a record and its assignment.
            records = await self._consumer.poll(max(1, asked), timeout_ms)
        except RetryableError as error:
            _note_wait(error)
            self._lag.tell(self._oldest)
            await self._clock.sleep(self._faults.wait_s(error))
            return
        if records:
            self._faults.end()
        self._admit(records)
        self._lag.took(records)
        self._lag.tell(self._oldest)
        self._intake.took(asked, len(records))
        await self._work_off()
        self._commit_when_due()
        await self._clock.sleep(0)

    def _steer(self) -> tuple[int, int]:
        """Says which partitions are read; gives the most records to take and how long to wait."""
        wanted: set[TopicPartition] = set()
        asked = 0
        self._with_care = any(a.careful for a in self._assignments.values())
        if not self._backlog and not self._delivery.in_trouble:
            now = self._clock.monotonic()
            wanted, asked = self._intake.choose(self._assignments.values(), now)
        if wanted != self._reading:
            self._consumer.pause(self._reading - wanted)
            self._consumer.resume(wanted - self._reading)
            self._reading = wanted
        return asked, _POLL_MS if wanted else _SHORT_POLL_MS

    def _admit(self, records: Sequence[Record]) -> None:
        now_by_topic: Counter[str] = Counter()
        for record in records:
            assignment = self._assignments.get(TopicPartition(record.topic, record.partition))
            if assignment is None:
                raise FatalError(f"{record.topic}/{record.partition} gave a record unassigned")
            if record.offset < assignment.tracker.next_offset:
                assignment = self._start_over(assignment, record)
            assignment.take(record)
            self._backlog.append((assignment, record))
            now_by_topic[record.topic] += 1
        for topic, count in now_by_topic.items():
            self._telemetry.count(RECORDS_CONSUMED, (topic,), count)
        if not records:
            for partition in self._reading & self._assignments.keys():
                self._assignments[partition].gave_nothing()

    def _oldest(self) -> Oldest:
        return {tp: assignment.oldest_ms for tp, assignment in self._assignments.items()}

    def _start_over(self, before: Assignment, record: Record) -> Assignment:
        """The log goes on before where we stood: it was cut, or made anew, and is read again.

        What is in work of the old one is finished, and commits nothing.
        """
        _log.error(
            "partition.went_back",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            expected=before.tracker.next_offset,
        )
        before.gone = True
        after = Assignment(before.partition, record.offset, CrashNote(running=True))
        self._assignments[before.partition] = after
        return after

    async def _work_off(self) -> None:
        until, room_bytes = self._slice()
        while self._backlog and room_bytes > 0 and self._may_begin():
            assignment, record = self._backlog[0]
            if assignment.leaving:
                self._backlog.popleft()
                continue
            care = self._with_care or self._blaming
            if care and not await self._alone(assignment, record):
                return
            self._backlog.popleft()
            await self._begin(assignment, record)
            room_bytes -= record.size_bytes
            if self._clock.monotonic() > until:
                # Where processor time is scarce, what is taken at once takes minutes: it turns.
                self._telemetry.count(LOOP_TURNS)
                await self._clock.sleep(0)
                until, room_bytes = self._slice()

    def _slice(self) -> tuple[float, int]:
        """Until when to begin records without a break, and how many bytes of them."""
        # Where records are large, memory is short long before their number is.
        begun = sum(assignment.begun_bytes for assignment in self._assignments.values())
        return self._clock.monotonic() + _SLICE_S, self._limits.max_in_flight_bytes - begun

    def _may_begin(self) -> bool:
        return not self._delivery.in_trouble and self._delivery.fatal is None

    async def _alone(self, assignment: Assignment, record: Record) -> bool:
        """Whether a record may begin with nothing else in work; for a suspect, that is noted.

        Everything that is done is committed first: a death from here on must not be put down to
        the suspect before this one, which is still in the notes.
        """
        if any(a.begun for a in self._assignments.values()):
            return False
        suspect = assignment.is_suspect(record)
        if suspect:
            assignment.begin_alone(record)
            self._telemetry.count(CAREFUL_RECORDS)
        if not await self._commits.progress(list(self._assignments.values())):
            return False
        self._blaming = suspect
        return not assignment.leaving

    async def _begin(self, assignment: Assignment, record: Record) -> None:
        assignment.begun += 1
        assignment.begun_bytes += record.size_bytes
        work = Work(record, assignment, self._clock.monotonic())
        if assignment.is_quarantined(record):
            _log.error("record.quarantined", topic=record.topic, offset=record.offset)
            await self._carry(work, (Park("crashed", "workers died while this was in work"),))
            return
        answer = begin(self._path, record)
        if isinstance(answer, tuple):
            await self._carry(work, answer)
        else:
            task = asyncio.ensure_future(self._wait_for(work, answer))
            assignment.tasks.add(task)
            task.add_done_callback(assignment.tasks.discard)
            task.add_done_callback(self._delivery.note_end)

    async def _wait_for(self, work: Work, waiting: Coroutine[Any, Any, Outcomes]) -> None:
        await self._carry(work, await finish(work.record, waiting))

    async def _carry(self, work: Work, outcomes: Outcomes) -> None:
        assignment = work.assignment
        if outcomes and all(isinstance(outcome, Park) for outcome in outcomes):
            assignment.poison_run += 1
            if assignment.poison_run >= self._limits.max_poison_run:
                self._pause(assignment)
        else:
            assignment.poison_run = 0
        await self._delivery.carry(work, outcomes)

    def _pause(self, assignment: Assignment) -> None:
        topic, partition = assignment.partition
        _log.error(
            "partition.paused_for_poison",
            topic=topic,
            partition=partition,
            run=assignment.poison_run,
            pause_s=self._limits.poison_pause_s,
        )
        self._telemetry.count(POISON_PAUSES, (topic, str(partition)))
        assignment.poison_run = 0
        assignment.paused_until = self._clock.monotonic() + self._limits.poison_pause_s

    def _commit_when_due(self) -> None:
        now = self._clock.monotonic()
        if now - self._last_commit < self._limits.commit_interval_s:
            return
        if self._commit is not None and not self._commit.done():
            return
        self._last_commit = now
        mine = list(self._assignments.values())
        self._telemetry.set(IN_FLIGHT, sum(a.tracker.in_flight for a in mine))
        self._commit = asyncio.ensure_future(self._commits.progress(mine))
        self._commit.add_done_callback(self._delivery.note_end)

    async def _let_go(self, going: Sequence[Assignment]) -> None:
        for assignment in going:
            assignment.leaving = True
        until = self._clock.monotonic() + self._limits.drain_timeout_s
        while (
            any(a.begun for a in going)
            and self._delivery.fatal is None
            and self._clock.monotonic() < until
        ):
            await self._clock.sleep(0.01)
        if left := sum(a.begun for a in going):
            _log.warning("drain.timed_out", unfinished=left)
        await self._commits.leave(going)
        for assignment in going:
            for task in assignment.tasks:
                task.cancel()

    async def _close(self, error: BaseException | None) -> None:
        going = list(self._assignments.values())
        self._assignments.clear()
        try:
            if error is None:
                await self._let_go(going)
            else:
                await self._commits.fail(going)
        finally:
            # Who may not commit leaves the group all the same: the others would wait for it.
            await self._consumer.stop()
            await self._producer.stop()


def _note_wait(error: RetryableError) -> None:
    _log.warning("loop.waits", error=str(error))
