"""Attempts at one question: how its faults are counted, and when another attempt is worth it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError
from plimsoll.resilience.jitter import equal_jitter, full_jitter

T = TypeVar("T")

# Failures at one question while the judge answers others; what is left to blame is the question.
_MOST_FAILURES = 5
# A silent attempt costs the read time-out, and may have been billed.
_MOST_SILENCES = 2
_MOST_MODEL_FAULTS = 2
_ITEM_KINDS = frozenset({FaultKind.MODEL_FAULT})


class Health(Protocol):
    """What is known of the judge besides this question."""

    @property
    def answers(self) -> int:
        """How many calls have ended well, ever."""

    @property
    def openings(self) -> int:
        """How many times its breaker has opened."""


class Faults:
    """The faults of one question, and whose they are: the judge's or the question's.

    A throttle or a misconfiguration is never the question's. Another failure is held against it
    where, since the first of them, the judge has answered others and its breaker has not opened.
    """

    def __init__(self, health: Health) -> None:
        self._health = health
        self._openings = health.openings
        self._answers = health.answers
        self._failures = 0
        self._silences = 0
        self._model_faults = 0
        self._in_a_row = 0

    @property
    def in_a_row(self) -> int:
        """How many there were since the breaker last opened."""
        return self._in_a_row

    @property
    def breaker_opened(self) -> bool:
        """Whether the breaker has opened since the last fault was noted."""
        return self._health.openings != self._openings

    def note(self, error: JudgeFaultError) -> None:
        """Another fault."""
        if self.breaker_opened:
            self._openings = self._health.openings
            self._failures = self._silences = self._in_a_row = 0
        self._in_a_row += 1
        if error.kind is FaultKind.MODEL_FAULT:
            self._model_faults += 1
        elif error.kind is FaultKind.TRANSIENT:
            if not self._failures:
                self._answers = self._health.answers
            self._failures += 1
            self._silences += error.absence.reason is AbsenceReason.TIMED_OUT

    @property
    def worth_another(self) -> bool:
        """Whether to ask again."""
        if self._model_faults >= _MOST_MODEL_FAULTS:
            return False
        many = self._failures >= _MOST_FAILURES or self._silences >= _MOST_SILENCES
        return not (many and self._health.answers > self._answers)


def is_judge_wide(error: JudgeFaultError) -> bool:
    """Whether a fault says nothing about the question."""
    return error.kind not in _ITEM_KINDS


def wait_after(error: JudgeFaultError, in_a_row: int, chance: float) -> float:
    """Seconds before the next attempt: no fewer than a throttle asks for, else by full jitter."""
    if error.kind is FaultKind.THROTTLED:
        return max(error.delay.total_seconds(), equal_jitter(in_a_row, chance))
    return full_jitter(in_a_row, chance)


async def attempts(
    call: Callable[[], Awaitable[T]],
    *,
    faults: Faults,
    chance: Callable[[], float],
    left_s: Callable[[], float],
    pause: Callable[[JudgeFaultError, float], Awaitable[None]],
) -> T:
    """Calls until it succeeds, or until its fault is the question's own; then that is raised.

    `left_s` is the question's time, which does not run while a judge-wide fault is waited for;
    another attempt comes only where it is not over by then. `pause` waits, and may raise.
    """

    def stop(state: RetryCallState) -> bool:
        error = _error(state)
        faults.note(error)
        waits = 0.0 if is_judge_wide(error) else state.upcoming_sleep
        return not faults.worth_another or left_s() <= waits

    def wait(state: RetryCallState) -> float:
        return wait_after(_error(state), faults.in_a_row + 1, chance())

    async def once() -> T:
        return await call()

    # The pause must know its reason, which tenacity tells before it sleeps.
    last: list[JudgeFaultError] = []

    async def sleep(seconds: float) -> None:
        await pause(last.pop(), seconds)

    trying = AsyncRetrying(
        retry=retry_if_exception_type(JudgeFaultError),
        stop=stop,
        wait=wait,
        before_sleep=lambda state: last.append(_error(state)),
        sleep=sleep,
        reraise=True,
    )
    return await trying(once)


def _error(state: RetryCallState) -> JudgeFaultError:
    error = state.outcome.exception() if state.outcome is not None else None
    if not isinstance(error, JudgeFaultError):
        raise TypeError("only faults of judges are tried again")
    return error
