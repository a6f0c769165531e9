"""Opens what fetches the bodies that results refer to, where the settings list any place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
    # A scorer that fetches nothing loads no client of S3.
    from plimsoll.adapters.bodies.bodies import ReferencedBodies  # noqa: PLC0415 - see above

    bodies = ReferencedBodies(settings.bodies, SystemClock())
    try:
        yield bodies
    finally:
        await bodies.close()
