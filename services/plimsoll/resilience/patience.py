"""Patience: how long to wait before trying again, and for how long to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.stop import stop_never
from tenacity.wait import wait_exponential_jitter

from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.ports.clock import Clock

T = TypeVar("T")

_LONGEST_WAIT_S = 10.0
_FIRST_WAIT_S = 0.1
# Faults that come with a longer time between them are not of one row.
_LONGEST_GAP_S = 60.0
_grow = wait_exponential_jitter(multiplier=_FIRST_WAIT_S, max=_LONGEST_WAIT_S, jitter=0.1)


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
                raise _given_up(error, in_a_row) from error
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


class Row:
    """Faults in a row, for whoever does other things between one call and the next.

    A call that ends well need not end a row: that a fault has passed is seen by what the call is
    there for (`end`), or by a minute without another one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self._until = 0.0

    def wait_s(self, error: RetryableError) -> float:
        """Seconds to wait before the next call; FatalError where the fault does not pass.

        What may last, as an outage, has its own delay each time.
        """
        asked = error.delay.total_seconds()
        if error.most_in_a_row is None:
            return asked
        now = self._clock.monotonic()
        if now > self._until + _LONGEST_GAP_S:
            self._count = 0
        self._count += 1
        if self._count >= error.most_in_a_row:
            raise _given_up(error, self._count) from error
        wait_s = min(_LONGEST_WAIT_S, max(asked, _FIRST_WAIT_S * 2.0**self._count))
        self._until = now + wait_s
        return wait_s

    def end(self) -> None:
        """The next fault is the first of another row."""
        self._count = 0


def _given_up(error: RetryableError, in_a_row: int) -> FatalError:
    return FatalError(f"{error}; {in_a_row} times in a row")


async def ended_unless(stop: asyncio.Event, waiting: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Waits for what may wait for ever; cancels it where somebody says stop before it has ended.

    The task is done: `cancelled()`, or its result is there or what it raised.
    """
    work = asyncio.create_task(waiting)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        work.cancel()
        await asyncio.wait({work})
    return work
