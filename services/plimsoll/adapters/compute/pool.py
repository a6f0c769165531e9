"""A bounded pool of compute processes with a deadline on each task."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from plimsoll.adapters.compute.process import ComputeProcess, ProcessDiedError
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.ports.telemetry import COMPUTE_KILLS, Telemetry

_log = structlog.get_logger(__name__)

# Makes the score of a metric that has no value.
MakeAbsent = Callable[[str, LlmResult, Absence], Score]


class PoolGate:
    """Closed while every process is busy; who waits is let through in turn."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiters: deque[asyncio.Future[None]] = deque()

    @property
    def is_open(self) -> bool:
        """Whether a process is free."""
        return self._free > 0

    @property
    def absence(self) -> Absence:
        """For a score that never got a process."""
        return Absence(
            AbsenceReason.THROTTLED, "every compute process was busy for the whole of max_hold"
        )

    async def opened(self) -> None:
        """Returns when a process is free."""
        while self._free < 1:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if not waiter.cancelled():
                    # Woken and cancelled in the same turn: the free process is the next one's.
                    self._wake_next()
                raise

    async def enter(self) -> None:
        """Takes a process."""
        await self.opened()
        self._free -= 1

    def leave(self) -> None:
        """Gives it back and wakes the first who waits."""
        self._free += 1
        self._wake_next()

    def _wake_next(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return


class ComputePool:
    """Evaluates metrics in processes that start lazily and are killed when too slow."""

    def __init__(
        self,
        processes: int,
        make_absent: MakeAbsent,
        telemetry: Telemetry,
        new_process: Callable[[], ComputeProcess],
    ) -> None:
        self._idle = [new_process() for _ in range(processes)]
        self._all = tuple(self._idle)
        self._gate = PoolGate(processes)
        self._make_absent = make_absent
        self._telemetry = telemetry

    @property
    def gate(self) -> PoolGate:
        """Closed while every process is busy."""
        return self._gate

    async def evaluate(self, metric: str, result: LlmResult, deadline_s: float) -> Score:
        """The metric's score; absences `timed_out` and `internal_error` cost it its process."""
        await self._gate.enter()
        process = self._idle.pop()
        answered = False
        try:
            async with asyncio.timeout(max(0.0, deadline_s)):
                score = await process.ask(metric, result)
            answered = True
        except TimeoutError:
            return self._killed(metric, result, AbsenceReason.TIMED_OUT, "took too long")
        except ProcessDiedError:
            return self._killed(metric, result, AbsenceReason.INTERNAL_ERROR, "ended its process")
        else:
            return score
        finally:
            # Also where this task was cancelled: the answer to come would be another's.
            if not answered:
                await process.kill()
            self._idle.append(process)
            self._gate.leave()

    async def stop(self) -> None:
        """Ends every process."""
        for process in self._all:
            await process.kill()

    def _killed(self, metric: str, result: LlmResult, reason: AbsenceReason, what: str) -> Score:
        self._telemetry.count(COMPUTE_KILLS, (reason.value,))
        _log.warning("compute.killed", metric=metric, reason=reason.value)
        return self._make_absent(metric, result, Absence(reason, f"{metric} {what}"))
