"""Threads for calls that block: bounded, and those that nobody waits for any longer count too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class NoThreadError(Exception):
    """Every thread was busy until the deadline: nothing was started."""


class DeadlineError(Exception):
    """The deadline passed while the call was under way: its thread goes on until it ends."""


class CallThreads:
    """Runs blocking calls for one event loop, `permits` at once.

    A thread cannot be cancelled. Its place is free again when it ends, not when its caller has
    given up, so that calls that hang can never add up to more than `permits` threads.
    """

    def __init__(self, permits: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(permits, thread_name_prefix=name)
        self._free = asyncio.Semaphore(permits)
        self._abandoned = 0

    @property
    def abandoned(self) -> int:
        """Threads under way that nobody waits for."""
        return self._abandoned

    async def run(self, work: Callable[[], T], deadline_s: float) -> T:
        """What `work` gives or raises; NoThreadError or DeadlineError where time runs out."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + max(0.0, deadline_s)
        try:
            # A timer costs more than a place that is free.
            async with asyncio.timeout_at(ends_at if self._free.locked() else None):
                await self._free.acquire()
        except TimeoutError:
            raise NoThreadError from None
        if loop.time() >= ends_at:
            self._free.release()
            raise NoThreadError
        future = self._executor.submit(work)
        future.add_done_callback(lambda _: _tell(loop, self._free.release))
        waiter = asyncio.wrap_future(future)
        try:
            done, _ = await asyncio.wait({waiter}, timeout=max(0.0, ends_at - loop.time()))
        except asyncio.CancelledError:
            self._abandon(loop, future)
            waiter.cancel()
            raise
        if not done:
            self._abandon(loop, future)
            # Its end is nobody's business any more.
            waiter.cancel()
            raise DeadlineError
        return waiter.result()

    def close(self) -> None:
        """Takes no more work; what is under way ends by its own time-outs."""
        self._executor.shutdown(wait=False)

    def _abandon(self, loop: asyncio.AbstractEventLoop, future: Future[T]) -> None:
        self._abandoned += 1
        future.add_done_callback(lambda _: _tell(loop, self._returned))

    def _returned(self) -> None:
        self._abandoned -= 1


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    """From a thread to the loop, which may have ended before it."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(what)
