"""Whose turn it is on a pool of connections."""

from __future__ import annotations

import asyncio

import pytest

from plimsoll.adapters.postgres.turns import Turns


async def _waiting(turns: Turns, count: int) -> list[asyncio.Task[None]]:
    """So many tasks that wait for a turn, in this order."""
    tasks = [asyncio.create_task(turns.take()) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_turns_go_round_in_the_order_of_asking() -> None:
    """Each that is given back goes to whoever has waited longest, past who comes then."""
    turns = Turns(2)
    assert turns.take_at_once()
    await turns.take()
    first, second = await _waiting(turns, 2)
    turns.give_back()
    assert not turns.take_at_once()
    await first
    assert not second.done()
    turns.give_back()
    await second
    turns.give_back()
    turns.give_back()
    assert [turns.take_at_once() for _ in range(3)] == [True, True, False]


async def test_who_stops_waiting_keeps_no_turn() -> None:
    """The next one has it."""
    turns = Turns(1)
    await turns.take()
    first, second = await _waiting(turns, 2)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    turns.give_back()
    await second
    turns.give_back()
    assert turns.take_at_once()


async def test_a_turn_that_comes_with_an_interruption_is_passed_on() -> None:
    """Given and cancelled before the task has run again: the turn is not lost."""
    turns = Turns(1)
    await turns.take()
    first, second = await _waiting(turns, 2)
    turns.give_back()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    turns.give_back()
    assert turns.take_at_once()
    assert not turns.take_at_once()
