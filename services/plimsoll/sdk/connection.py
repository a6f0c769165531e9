"""A client that connects when it is first needed, once for all who wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from plimsoll.domain.errors import RetryableError


class Connectable(Protocol):
    """What can be started and stopped."""

    async def start(self) -> None:
        """Connects; RetryableError or FatalError where that fails."""

    async def stop(self) -> None:
        """Disconnects; never raises."""


T = TypeVar("T", bound=Connectable)

# A connection that has just failed is not tried again by everybody at once.
_PAUSE_AFTER_FAILURE = timedelta(milliseconds=250)
_CLOSE_TIMEOUT_S = 5.0


class Connection(Generic[T]):
    """Starts what `make` makes at the first use, and makes another where that failed.

    Who waits may give up at a deadline without breaking the start that others wait for.
    """

    def __init__(
        self, make: Callable[[], T], what: str, pause: timedelta = _PAUSE_AFTER_FAILURE
    ) -> None:
        self._make = make
        self._pause_s = pause.total_seconds()
        self._what = what
        self._starting: asyncio.Task[T] | None = None
        self._failed_at = float("-inf")
        self._closed = False

    async def get(self, within: timedelta) -> T:
        """The started client; RetryableError where it does not connect in time."""
        if self._closed:
            raise RuntimeError(f"the client of the {self._what} is closed; make a new Plimsoll")
        starting = self._starting
        if starting is None or (_failed(starting) and self._may_retry()):
            starting = self._starting = asyncio.create_task(self._start())
        await asyncio.wait({starting}, timeout=within.total_seconds())
        if not starting.done():
            seconds = f"{within.total_seconds():g} s"
            raise RetryableError(f"no connection to the {self._what} within {seconds}")
        return starting.result()

    async def close(self) -> None:
        """Disconnects; never raises."""
        self._closed = True
        starting, self._starting = self._starting, None
        if starting is None:
            return
        starting.cancel()
        done, _ = await asyncio.wait({starting}, timeout=_CLOSE_TIMEOUT_S)
        if done and not _failed(starting):
            await starting.result().stop()

    def _may_retry(self) -> bool:
        return asyncio.get_running_loop().time() >= self._failed_at + self._pause_s

    async def _start(self) -> T:
        client = self._make()
        started = False
        try:
            await client.start()
            started = True
        finally:
            if not started:
                self._failed_at = asyncio.get_running_loop().time()
                await client.stop()
        return client


def _failed(task: asyncio.Task[T]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
