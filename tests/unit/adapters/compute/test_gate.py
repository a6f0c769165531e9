"""Who waits for a process gets the next free one in turn, whatever happens to the others."""

from __future__ import annotations

import asyncio

from plimsoll.adapters.compute.pool import PoolLine, PoolTurn


async def test_a_waiter_that_is_woken_and_cancelled_passes_its_turn_on() -> None:
    """A free process is never left with somebody waiting for it."""
    line = PoolLine(1)
    await line.enter()
    first, second = PoolTurn(line), PoolTurn(line)
    waiting = asyncio.create_task(first.opened())
    behind = asyncio.create_task(second.opened())
    await asyncio.sleep(0)
    line.leave()
    waiting.cancel()
    await asyncio.wait({waiting})
    async with asyncio.timeout(120):
        await behind
    assert (waiting.cancelled(), first.is_open, second.is_open) == (True, False, True)


async def test_a_waiter_that_gives_up_before_its_turn_takes_nothing() -> None:
    """The others go on waiting while every process is busy, and one of them gets the next."""
    line = PoolLine(1)
    await line.enter()
    first = asyncio.create_task(PoolTurn(line).opened())
    second = asyncio.create_task(PoolTurn(line).opened())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    await asyncio.sleep(0)
    assert not second.done()
    line.leave()
    await second


async def test_a_late_comer_overtakes_nobody() -> None:
    """Who comes between a process's return and the waking of the first who waits comes after it."""
    line = PoolLine(1)
    await line.enter()
    came: list[str] = []

    async def come(name: str) -> None:
        await line.enter()
        came.append(name)

    waiting = asyncio.create_task(come("first"))
    await asyncio.sleep(0)
    line.leave()
    # The first has not run since: it only has its result.
    late = asyncio.create_task(come("late"))
    overtaking = PoolTurn(line)
    third = asyncio.create_task(overtaking.opened())
    await asyncio.sleep(0)
    assert (came, overtaking.is_open) == (["first"], False)
    line.leave()
    await late
    line.leave()
    await asyncio.gather(waiting, third)
    assert (came, overtaking.is_open) == (["first", "late"], True)


async def test_a_turn_is_given_back_once() -> None:
    """Leaving twice, or without having come up, makes no process out of nothing."""
    line = PoolLine(1)
    turn = PoolTurn(line)
    turn.leave()
    await turn.opened()
    turn.leave()
    turn.leave()
    await line.enter()
    waiting = asyncio.create_task(line.enter())
    await asyncio.sleep(0)
    assert not waiting.done()
    line.leave()
    await waiting
