"""Opens what fetches the bodies that results refer to, where the settings list any place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from plimsoll.adapters.bodies.bodies import ReferencedBodies
from plimsoll.adapters.clock import SystemClock
from plimsoll.ports.bodies import Bodies
from plimsoll.settings.model import Settings


@asynccontextmanager
async def open_bodies(settings: Settings) -> AsyncIterator[Bodies | None]:
    """What fetches bodies, as long as the block runs; None where no place is listed.

    ConfigurationError where a prefix is none.
    """
    if not settings.bodies.prefixes:
        yield None
        return
    bodies = ReferencedBodies(settings.bodies, SystemClock())
    try:
        yield bodies
    finally:
        await bodies.close()
