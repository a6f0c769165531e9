"""Patience: how long to wait before trying again, and for how long to go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.stop import stop_never
from tenacity.wait import wait_exponential_jitter

from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.ports.clock import Clock

T = TypeVar("T")

_LONGEST_WAIT_S = 10.0
_grow = wait_exponential_jitter(multiplier=0.1, max=_LONGEST_WAIT_S, jitter=0.1)


def _wait(state: RetryCallState) -> float:
    """The error's own delay or the growing one, whichever is longer, up to ten seconds."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.delay.total_seconds() if isinstance(error, RetryableError) else 0.0
    return min(_LONGEST_WAIT_S, max(asked, _grow(state)))


async def keep_trying(
    call: Callable[[], Awaitable[T]],
    clock: Clock,
    before_wait: Callable[[RetryableError], None],
) -> T:
    """Calls until it succeeds, waiting longer each time, for as long as it says RetryableError.

    Every other error passes through at once. `before_wait` is told of each failure. Where a fault
    has a number in a row after which it does not pass, it ends in a FatalError.
    """
    in_a_row = 0

    def tell(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, RetryableError):
            before_wait(error)

    async def once() -> T:
        nonlocal in_a_row
        try:
            return await call()
        except RetryableError as error:
            most = error.most_in_a_row
            in_a_row = 0 if most is None else in_a_row + 1
            if most is not None and in_a_row >= most:
                raise FatalError(f"{error}; {in_a_row} times in a row") from error
            raise

    trying = AsyncRetrying(
        retry=retry_if_exception_type(RetryableError),
        wait=_wait,
        stop=stop_never,
        sleep=clock.sleep,
        before_sleep=tell,
        reraise=True,
    )
    return await trying(once)
