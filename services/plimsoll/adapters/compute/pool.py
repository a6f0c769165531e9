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
from plimsoll.ports.compute import Turn
from plimsoll.ports.telemetry import COMPUTE_KILLS, Telemetry

_log = structlog.get_logger(__name__)

# Makes the score of a metric that has no value.
MakeAbsent = Callable[[str, LlmResult, Absence], Score]


class PoolLine:
    """So many processes, and who waits for one, let through in the order of arrival.

    A process that is given back is handed to the first who waits: whoever comes between that and
    the other's waking stands in line, too.
    """

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Takes a process, once one is free and everybody who came before has had one."""
        if self._free > 0:
            self._free -= 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                # Handed over and cancelled in the same moment: the process is the next one's.
                self.leave()
            raise

    def leave(self) -> None:
        """Gives a process back: to the first who waits, else to whoever comes."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1


class PoolTurn:
    """A place in line for one process; open once it has one, which `leave` gives back."""

    def __init__(self, line: PoolLine) -> None:
        self._line = line
        self._has_one = False

    @property
    def is_open(self) -> bool:
        """Whether it has a process."""
        return self._has_one

    @property
    def absence(self) -> Absence:
        """For a score that never got a process."""
        return Absence(
            AbsenceReason.THROTTLED, "every compute process was busy for the whole of max_hold"
        )

    async def opened(self) -> None:
        """Stands in line, and returns once it has a process."""
        if not self._has_one:
            await self._line.enter()
            self._has_one = True

    def leave(self) -> None:
        """The process is the next one's; nothing where it has none."""
        if self._has_one:
            self._has_one = False
            self._line.leave()


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
        self._line = PoolLine(processes)
        self._make_absent = make_absent
        self._telemetry = telemetry

    def turn(self) -> PoolTurn:
        """A place in line for one of the processes."""
        return PoolTurn(self._line)

    async def evaluate(
        self, metric: str, result: LlmResult, deadline_s: float, turn: Turn | None = None
    ) -> Score:
        """The metric's score, in the caller's turn or in one of its own.

        Absences `timed_out` and `internal_error` cost it its process.
        """
        mine = turn or self.turn()
        await mine.opened()
        try:
            return await self._evaluated(metric, result, deadline_s)
        finally:
            mine.leave()

    async def _evaluated(self, metric: str, result: LlmResult, deadline_s: float) -> Score:
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

    async def stop(self) -> None:
        """Ends every process."""
        for process in self._all:
            await process.kill()

    def _killed(self, metric: str, result: LlmResult, reason: AbsenceReason, what: str) -> Score:
        self._telemetry.count(COMPUTE_KILLS, (reason.value,))
        _log.warning("compute.killed", metric=metric, reason=reason.value)
        return self._make_absent(metric, result, Absence(reason, f"{metric} {what}"))
