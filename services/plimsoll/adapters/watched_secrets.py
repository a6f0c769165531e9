"""Secrets that a process reads once: when one of them has changed, the process is asked to end.

Whoever runs it starts it anew, with the new ones. What can be read again while a process runs is
not among them.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.signals import stop_on_signals
from plimsoll.ports.clock import Clock

_log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 10.0
# One that fails may have met the moment at which everything is replaced.
_FAILED_LOOKS = 2
# Kubernetes shows a new Secret to all pods within about a minute: they must not all end at once.
_SPREAD_S = 120.0
# No Secret of Kubernetes holds more.
_MOST_BYTES = 1 << 20
_MOST_FILES = 100


@asynccontextmanager
async def stop_when_asked(watched: Path | None) -> AsyncIterator[asyncio.Event]:
    """An event that a signal sets, or a file below `watched` that has other bytes than now."""
    with stop_on_signals() as stop:
        if watched is None:
            yield stop
            return
        watching = asyncio.create_task(
            _set_at_change(watched, stop, SystemClock(), random.SystemRandom().random)
        )
        try:
            yield stop
        finally:
            watching.cancel()
            await asyncio.wait({watching})


async def _set_at_change(
    folder: Path, stop: asyncio.Event, clock: Clock, chance: Callable[[], float]
) -> None:
    await changed(folder, clock)
    wait_s = _SPREAD_S * chance()
    _log.info("secrets.changed", ends_in_s=round(wait_s))
    await clock.sleep(wait_s)
    stop.set()


async def changed(folder: Path, clock: Clock) -> None:
    """Waits until what lies in the folder is other than at first.

    A folder that cannot be read now, as while it is being replaced, is looked at again.
    """
    sight = _Sight(folder)
    first = await sight.look()
    while True:
        await clock.sleep(_LOOK_EVERY_S)
        now = await sight.look()
        if first is not None and now not in (None, first):
            return
        first = first or now


class _Sight:
    """Looks into a folder; says once that it cannot be read, and once that it can be again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._failed = 0

    async def look(self) -> bytes | None:
        """A digest of names and bytes; None where something of it cannot be read."""
        try:
            seen = await asyncio.to_thread(_digest, self._folder)
        except OSError as error:
            self._failed += 1
            if self._failed == _FAILED_LOOKS:
                _log.warning("secrets.unreadable", folder=str(self._folder), error=str(error))
            return None
        if self._failed >= _FAILED_LOOKS:
            _log.info("secrets.readable", folder=str(self._folder))
        self._failed = 0
        return seen


def demand_readable(folder: Path) -> None:
    """OSError where something in a watched folder cannot be read: nothing in it is watched then."""
    _digest(folder)


def _digest(folder: Path) -> bytes:
    digest = hashlib.sha256()
    # What begins with two dots is how Kubernetes replaces all files at once.
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith(".."))
    for path in paths[:_MOST_FILES]:
        with path.open("rb") as file:
            inside = file.read(_MOST_BYTES)
        digest.update(f"{path.name}\0{len(inside)}\0".encode())
        digest.update(inside)
    return digest.digest()
