"""One layer of retries for calls with a deadline, under a budget that an outage cannot overdraw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from plimsoll.domain.errors import RetryableError
from plimsoll.ports.clock import Clock

T = TypeVar("T")

_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 2.0
# An attempt with less time than this would only hide why the ones before it failed.
_SHORTEST_ATTEMPT_S = 0.02
_grow = wait_random_exponential(multiplier=_FIRST_WAIT_S, max=_LONGEST_WAIT_S)


class RetryBudget:
    """Retries are paid for by calls: one in ten may be a retry, after a reserve of `reserve`."""

    def __init__(self, reserve: float = 10.0, share: float = 0.1) -> None:
        self._reserve = reserve
        self._share = share
        self._tokens = reserve

    def earn(self) -> None:
        """A call has begun."""
        self._tokens = min(self._reserve, self._tokens + self._share)

    def spend(self) -> bool:
        """Pays for a retry; False where nothing is left."""
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


async def retry_within(
    call: Callable[[float], Awaitable[T]],
    *,
    retried: type[RetryableError],
    timeout_s: float,
    clock: Clock,
    budget: RetryBudget,
) -> T:
    """Calls with the seconds that are left, again where it fails with `retried`.

    The last error passes through where the time or the budget does not allow another attempt;
    every other error passes at once.
    """
    deadline = clock.monotonic() + timeout_s

    def give_up(state: RetryCallState) -> bool:
        again_at = clock.monotonic() + state.upcoming_sleep
        return again_at + _SHORTEST_ATTEMPT_S >= deadline or not budget.spend()

    budget.earn()
    trying = AsyncRetrying(
        retry=retry_if_exception_type(retried),
        stop=give_up,
        wait=_wait,
        sleep=clock.sleep,
        reraise=True,
    )

    # tenacity awaits what is defined as a coroutine function, and hands back any other's promise.
    async def attempt() -> T:
        return await call(deadline - clock.monotonic())

    return await trying(attempt)


def _wait(state: RetryCallState) -> float:
    """A random wait that grows, and no less than the error asks for."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.delay.total_seconds() if isinstance(error, RetryableError) else 0.0
    return max(asked, _grow(state))
