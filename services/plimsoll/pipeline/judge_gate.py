"""The gate before one judge: breaker, quota and concurrency, passed in the order of arrival."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError
from plimsoll.pipeline.quota_figures import tell_grant, tell_quota
from plimsoll.pipeline.store_waits import StoreWaits
from plimsoll.ports.clock import Clock
from plimsoll.ports.judge_telemetry import JUDGE_BREAKER_OPEN, JUDGE_CONCURRENCY
from plimsoll.ports.quotas import Grant, Quota, QuotaStore
from plimsoll.ports.telemetry import Telemetry
from plimsoll.resilience.breaker import Breaker, Passage
from plimsoll.resilience.concurrency import ConcurrencyLimit, Slot
from plimsoll.resilience.jitter import equal_jitter

_SPENT = Absence(AbsenceReason.THROTTLED, "the judge's quota was spent for the whole of max_hold")
# One second, one call: for all workers together, since they share the store.
_PROBES_PER_MINUTE = 60.0


@dataclass(slots=True)
class JudgePassage:
    """One call that has been let through; to be ended exactly once, and its grant settled."""

    grant: Grant
    slot: Slot
    tried: Passage


class JudgeGate:
    """Closed while the judge fails, throttles, or has as many calls as it may have.

    A `Turn` stands in line for one call. Whoever only wants to know waits at the gate itself.
    """

    def __init__(
        self,
        quota: Quota,
        quotas: QuotaStore,
        *,
        breaker: Breaker,
        limit: ConcurrencyLimit,
        clock: Clock,
        telemetry: Telemetry,
        chance: Callable[[], float],
    ) -> None:
        self._quota = quota
        self._probes = Quota(f"{quota.name}/probes", _PROBES_PER_MINUTE, None, timedelta(seconds=1))
        self._quotas = quotas
        self._breaker = breaker
        self._limit = limit
        self._clock = clock
        self._telemetry = telemetry
        self._chance = chance
        self._kept = StoreWaits(quota.name, clock, telemetry)
        self._line = asyncio.Lock()
        self._changed = asyncio.Event()
        self._paused_until = 0.0
        self._throttles_in_a_row = 0
        self._why = Absence(AbsenceReason.PROVIDER_ERROR)
        tell_quota(telemetry, quota)

    @property
    def breaker(self) -> Breaker:
        """Whether the judge fails."""
        return self._breaker

    @property
    def is_open(self) -> bool:
        """Whether a call may begin now."""
        now = self._clock.monotonic()
        return self._limit.has_room and now >= self._paused_until and self._breaker.ready(now)

    @property
    def absence(self) -> Absence:
        """What the judge failed with while it fails; else that its quota is spent."""
        return _SPENT if self._breaker.is_closed else self._why

    async def opened(self) -> None:
        """Returns when a call may begin."""
        while not self.is_open:
            waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._changed.wait())]
            seconds = self._seconds_to_wait()
            if seconds is not None:
                waits.append(asyncio.ensure_future(self._clock.sleep(seconds)))
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    def turn(self, tokens: float) -> Turn:
        """A place in line for a call that reserves so many tokens."""
        return Turn(self, tokens)

    async def admit(self, tokens: float) -> JudgePassage:
        """Lets one call through, in the order of asking, and takes what it reserves."""
        async with self._line:
            while True:
                await self.opened()
                grant = await self._grant(tokens)
                if grant.wait:
                    await self._clock.sleep(grant.wait.total_seconds())
                if self.is_open:
                    return self._begin(grant)
                await self.give_back(grant)

    async def settle(self, grant: Grant, used_tokens: float) -> None:
        """Gives back what a call did not use."""
        if _has_figures(grant.quota):
            await self._kept(lambda: self._quotas.settle_grant(grant, used_tokens))

    async def give_back(self, grant: Grant) -> None:
        """No call was made."""
        if _has_figures(grant.quota):
            await self._kept(lambda: self._quotas.give_back(grant))

    def ended(self, passage: JudgePassage, error: JudgeFaultError | None) -> None:
        """A call has ended: well, or in a fault."""
        now = self._clock.monotonic()
        kind = None if error is None else error.kind
        if error is None:
            self._throttles_in_a_row = 0
            self._limit.succeed(passage.slot)
            if passage.tried.probe:
                self._limit.restart()
            self._breaker.succeed(passage.tried, now)
        elif kind is FaultKind.THROTTLED:
            self._throttled(passage, error, now)
        elif kind is FaultKind.MODEL_FAULT:
            self.undecided(passage)
            return
        else:
            self._failed(passage, error, now)
        self._tell()

    def undecided(self, passage: JudgePassage) -> None:
        """A call has ended in a way that says nothing about the judge."""
        self._limit.end()
        self._breaker.drop(passage.tried)
        self._tell()

    def _begin(self, grant: Grant) -> JudgePassage:
        return JudgePassage(grant, self._limit.begin(), self._breaker.begin())

    def _throttled(self, passage: JudgePassage, error: JudgeFaultError, now: float) -> None:
        at_least = self._limit.at_least
        self._limit.throttle(passage.slot)
        self._breaker.drop(passage.tried)
        self._throttles_in_a_row += 1
        if at_least or passage.tried.probe:
            # It cannot shrink any further, so it rests; for longer each time.
            wait = equal_jitter(self._throttles_in_a_row, self._chance())
            self._paused_until = now + max(wait, error.delay.total_seconds())

    def _failed(self, passage: JudgePassage, error: JudgeFaultError, now: float) -> None:
        self._why = error.absence
        if error.kind is FaultKind.CONFIGURATION:
            self._limit.end()
            self._breaker.open(now)
            return
        if error.absence.reason is AbsenceReason.TIMED_OUT:
            self._limit.throttle(passage.slot)
        else:
            self._limit.end()
        self._breaker.fail(passage.tried, now)

    async def _grant(self, tokens: float) -> Grant:
        grant = Grant(self._quota, tokens, timedelta(0))
        if _has_figures(self._quota):
            grant = await self._kept(lambda: self._quotas.take(self._quota, tokens))
            tell_grant(self._telemetry, grant)
        if not self._breaker.is_closed:
            probe = await self._kept(lambda: self._quotas.take(self._probes, 0))
            await self._clock.sleep(probe.wait.total_seconds())
        return grant

    def _seconds_to_wait(self) -> float | None:
        """Until it may open by itself; None where that depends on a call."""
        now = self._clock.monotonic()
        if now < self._paused_until:
            return self._paused_until - now
        at = self._breaker.ready_at()
        return at - now if at is not None and at > now else None

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
        labels = (self._quota.name,)
        self._telemetry.set(JUDGE_CONCURRENCY, self._limit.limit, labels)
        self._telemetry.set(JUDGE_BREAKER_OPEN, float(not self._breaker.is_closed), labels)


class Turn:
    """A `Gate` for one call: open once the call has been let through.

    Who stops waiting may lose what was reserved for the call, as if its reply had been lost.
    """

    def __init__(self, gate: JudgeGate, tokens: float) -> None:
        self._gate = gate
        self._tokens = tokens
        self._passage: JudgePassage | None = None

    @property
    def is_open(self) -> bool:
        """Whether the call may begin."""
        return self._passage is not None

    @property
    def absence(self) -> Absence:
        """As the gate says."""
        return self._gate.absence

    async def opened(self) -> None:
        """Stands in line, and returns when the call may begin."""
        self._passage = await self._gate.admit(self._tokens)

    def leave(self) -> None:
        """Makes no call after all; what was reserved for it stays so, as if its reply were lost."""
        if self._passage is not None:
            self._gate.undecided(self._passage)
            self._passage = None

    def passage(self) -> JudgePassage:
        """How it was let through; LookupError where it was not."""
        if self._passage is None:
            raise LookupError("this call has not been let through")
        return self._passage


class Pause:
    """A `Gate` that opens at a moment of the monotonic clock."""

    def __init__(self, clock: Clock, until_s: float, absence: Absence) -> None:
        self._clock = clock
        self._until_s = until_s
        self.absence = absence

    @property
    def is_open(self) -> bool:
        """Whether the moment has come."""
        return self._clock.monotonic() >= self._until_s

    async def opened(self) -> None:
        """Returns at that moment."""
        await self._clock.sleep(self._until_s - self._clock.monotonic())


def _has_figures(quota: Quota) -> bool:
    return quota.requests_per_minute is not None or quota.tokens_per_minute is not None
