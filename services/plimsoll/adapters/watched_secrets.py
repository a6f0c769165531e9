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
    first = await asyncio.to_thread(_digest, folder)
    while True:
        await clock.sleep(_LOOK_EVERY_S)
        now = await asyncio.to_thread(_digest, folder)
        if first is not None and now not in (None, first):
            return
        first = first or now


def _digest(folder: Path) -> bytes | None:
    """Of names and bytes; None where something of it cannot be read."""
    digest = hashlib.sha256()
    try:
        # What begins with two dots is how Kubernetes replaces all files at once.
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith(".."))
        for path in paths[:_MOST_FILES]:
            with path.open("rb") as file:
                inside = file.read(_MOST_BYTES)
            digest.update(f"{path.name}\0{len(inside)}\0".encode())
            digest.update(inside)
    except OSError:
        return None
    return digest.digest()
