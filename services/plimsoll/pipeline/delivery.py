"""Carries outcomes out: sends records, waits for the brokers, and only then finishes the offset."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Protocol

import structlog

from plimsoll.domain.errors import FatalError, PlimsollError, PoisonError, RetryableError
from plimsoll.domain.identity import ResultKey, parse_key
from plimsoll.domain.outcome import Outcome, Park, Publish, Skip
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.pipeline.partition import Assignment
from plimsoll.ports.clock import Clock
from plimsoll.ports.log import LogProducer
from plimsoll.ports.telemetry import (
    DEAD_LETTERS,
    RECORD_SECONDS,
    RESULTS_PUBLISHED,
    RESULTS_SKIPPED,
    SEND_RETRIES,
    Instrument,
    Telemetry,
)
from plimsoll.resilience.patience import keep_trying

_log = structlog.get_logger(__name__)


class Parks(Protocol):
    """Makes dead letters."""

    def whole(self, record: Record, park: Park) -> OutRecord:
        """With the record's bytes."""

    def by_reference(self, record: Record, park: Park) -> OutRecord:
        """With coordinates and a digest in their place."""


@dataclass(slots=True)
class Work:
    """One record in work: how many of its sends are not acknowledged yet."""

    record: Record
    assignment: Assignment
    since: float
    left: int = 0


@dataclass(slots=True)
class Parcel:
    """One record to send for a piece of work, and what to count when it has arrived."""

    out: OutRecord
    counts: Instrument
    label: str
    # What to send instead where the brokers refuse it as too large.
    instead: Callable[[str], Parcel] | None = None
    # What is sent only once this one has arrived.
    after: Parcel | None = None


class Delivery:
    """Sends what outcomes lead to; a record is finished when every send is acknowledged."""

    def __init__(
        self,
        producer: LogProducer,
        clock: Clock,
        telemetry: Telemetry,
        parking: Parks,
    ) -> None:
        self._producer = producer
        self._clock = clock
        self._telemetry = telemetry
        self._parking = parking
        self._retries: set[asyncio.Task[None]] = set()
        self.fatal: FatalError | None = None

    @property
    def in_trouble(self) -> bool:
        """Whether a send failed and has not succeeded since: nothing new should be begun."""
        return bool(self._retries)

    async def carry(self, work: Work, outcomes: Sequence[Outcome]) -> None:
        """Sends a record's outcomes; returns when they are queued, not when they have arrived."""
        parcels: list[Parcel] = []
        for outcome in outcomes:
            if isinstance(outcome, Publish):
                parcels += self._published(work, outcome)
            elif isinstance(outcome, Park):
                parcels.append(self._parked(work, outcome))
            else:
                self._skip(outcome)
        # All are counted before the first is sent: an acknowledgement may be faster than the next.
        work.left = len(parcels)
        if not parcels:
            self._finish(work)
        waiting = {id(parcel.after) for parcel in parcels}
        for parcel in parcels:
            if id(parcel) not in waiting:
                await self._send(work, parcel)

    def cancel_retries(self) -> None:
        """Gives up what is being tried again: its offsets stay undone."""
        for task in self._retries:
            task.cancel()

    def _published(self, work: Work, publish: Publish) -> list[Parcel]:
        def parcel_of(out: OutRecord) -> Parcel:
            def instead(why: str) -> Parcel:
                return self._parked(work, Park("unpublishable", why, publish.index, _key_of(out)))

            return Parcel(out, RESULTS_PUBLISHED, out.topic, instead)

        parcels = [parcel_of(out) for out in publish.records]
        for parcel, after in pairwise(parcels):
            parcel.after = after
        return parcels

    def _parked(self, work: Work, park: Park) -> Parcel:
        def instead(_why: str) -> Parcel:
            return Parcel(self._parking.by_reference(work.record, park), DEAD_LETTERS, park.reason)

        return Parcel(self._parking.whole(work.record, park), DEAD_LETTERS, park.reason, instead)

    def _skip(self, skip: Skip) -> None:
        self._telemetry.count(RESULTS_SKIPPED, (skip.why,))

    async def _send(self, work: Work, parcel: Parcel) -> None:
        try:
            sent = await self._producer.send(parcel.out)
        except PlimsollError as error:
            self._failed(work, parcel, error)
        else:
            sent.add_done_callback(partial(self._settled, work, parcel))

    def _settled(self, work: Work, parcel: Parcel, sent: asyncio.Future[Position]) -> None:
        if sent.cancelled():
            self._failed(work, parcel, RetryableError("the send was cancelled"))
        elif (error := sent.exception()) is None:
            self._arrived(work, parcel)
        elif isinstance(error, PlimsollError):
            self._failed(work, parcel, error)
        else:
            self.fatal = FatalError(f"sending to {parcel.out.topic}: {error!r}")

    def _arrived(self, work: Work, parcel: Parcel) -> None:
        self._telemetry.count(parcel.counts, (parcel.label,))
        if parcel.after is not None and not work.assignment.gone:
            self._hold_on_to(work, self._send(work, parcel.after))
        work.left -= 1
        if work.left == 0:
            self._finish(work)

    def _finish(self, work: Work) -> None:
        assignment = work.assignment
        assignment.begun -= 1
        assignment.begun_bytes -= work.record.size_bytes
        if not assignment.gone:
            assignment.tracker.finish(work.record.offset)
        self._telemetry.observe(RECORD_SECONDS, self._clock.monotonic() - work.since)

    def _failed(self, work: Work, parcel: Parcel, error: PlimsollError) -> None:
        if isinstance(error, RetryableError):
            self._try_again(work, parcel)
        elif isinstance(error, PoisonError) and parcel.instead is not None:
            _log.warning("delivery.refused", topic=parcel.out.topic, reason=error.reason)
            instead = parcel.instead(error.detail)
            instead.after = parcel.after
            self._try_again(work, instead)
        elif self.fatal is None:
            self.fatal = error if isinstance(error, FatalError) else FatalError(str(error))

    def _try_again(self, work: Work, parcel: Parcel) -> None:
        task = self._hold_on_to(work, self._send_until_done(work, parcel))
        self._retries.add(task)
        task.add_done_callback(self._retries.discard)

    def _hold_on_to(self, work: Work, sending: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Ends with the assignment; what it raises ends the worker."""
        task = asyncio.ensure_future(sending)
        work.assignment.tasks.add(task)
        task.add_done_callback(work.assignment.tasks.discard)
        task.add_done_callback(self.note_end)
        return task

    def note_end(self, task: asyncio.Task[Any]) -> None:
        """Work beside the loop must not fail in silence: its offset would never be done."""
        error = None if task.cancelled() else task.exception()
        if isinstance(error, FatalError):
            self.fatal = error
        elif error is not None:
            self.fatal = FatalError(f"beside the loop: {error!r}")

    async def _send_until_done(self, work: Work, parcel: Parcel) -> None:
        async def once() -> None:
            await (await self._producer.send(parcel.out))

        try:
            await keep_trying(once, self._clock, self._note_retry)
        except PlimsollError as error:
            self._failed(work, parcel, error)
        else:
            self._arrived(work, parcel)

    def _note_retry(self, error: RetryableError) -> None:
        self._telemetry.count(SEND_RETRIES)
        _log.warning("delivery.retried", error=str(error))


def _key_of(out: OutRecord) -> ResultKey | None:
    try:
        return parse_key((out.key or b"").decode())
    except ValueError:
        return None
