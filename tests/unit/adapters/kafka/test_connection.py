"""Letting a client go never raises and never hangs."""

from __future__ import annotations

import asyncio

from plimsoll.adapters.kafka.connection import let_go


async def test_a_cancelled_error_from_within_is_survived() -> None:
    """A client that raises CancelledError out of its stop does not cancel who stops it."""

    async def stop() -> None:
        raise asyncio.CancelledError

    await let_go(stop(), 1.0, "consumer")


async def test_an_error_from_within_is_survived() -> None:
    """A client that fails to stop is left behind."""

    async def stop() -> None:
        raise ConnectionError("broker away")

    await let_go(stop(), 1.0, "consumer")


async def test_a_client_that_hangs_is_left_behind() -> None:
    """A stop that waits for a broker without end is cancelled after its time."""
    cancelled = False

    async def stop() -> None:
        nonlocal cancelled
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled = True
            raise

    await let_go(stop(), 0.01, "producer")
    assert cancelled
