"""Who waits for a process is woken when one is free, whatever happens to the others who wait."""

from __future__ import annotations

import asyncio

from plimsoll.adapters.compute.pool import PoolGate


async def test_a_waiter_that_is_woken_and_cancelled_passes_its_turn_on() -> None:
    """A free process is never left with somebody waiting for it."""
    gate = PoolGate(1)
    await gate.enter()
    first = asyncio.create_task(gate.enter())
    second = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    gate.leave()
    first.cancel()
    await asyncio.wait({first})
    async with asyncio.timeout(5):
        await second
    assert first.cancelled()
    assert not gate.is_open


async def test_a_waiter_that_gives_up_before_its_turn_wakes_nobody() -> None:
    """The others go on waiting while every process is busy."""
    gate = PoolGate(1)
    await gate.enter()
    first = asyncio.create_task(gate.opened())
    second = asyncio.create_task(gate.opened())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    await asyncio.sleep(0)
    assert not second.done()
    gate.leave()
    await second
