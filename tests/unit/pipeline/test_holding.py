"""A result's deadline stands still while it is held back, and a hold has an end."""

from __future__ import annotations

import asyncio

import pytest

from plimsoll.domain.errors import FatalError
from plimsoll.pipeline.holding import ResultClock
from tests.support.fake_clock import FakeClock
from tests.support.virtual_time import VirtualClock, virtually
from tests.unit.pipeline.fake_compute import FakeGate


async def test_the_deadline_runs_from_admission() -> None:
    """Time that nothing holds back counts."""
    clock = FakeClock()
    time = ResultClock(clock, 30.0, 900.0)
    await clock.sleep(12.0)
    assert time.left_s == 18.0


async def test_held_time_does_not_count() -> None:
    """While a gate is closed the deadline stands still."""
    clock, gate = FakeClock(), FakeGate()
    gate.close()
    time = ResultClock(clock, 30.0, 900.0)
    waiting = asyncio.ensure_future(time.through(gate))
    await asyncio.sleep(0)
    # The fake clock has jumped to the end of the patience; the gate opens before anyone looks.
    gate.open()
    assert await waiting
    assert clock.seconds > 1_000.0
    assert time.left_s == 30.0


async def test_a_hold_has_an_end() -> None:
    """A gate that stays closed for max_hold lets nobody through."""
    clock, gate = FakeClock(), FakeGate()
    gate.close()
    time = ResultClock(clock, 30.0, 900.0)
    assert not await time.through(gate)
    assert clock.seconds == 1_900.0
    assert not await time.through(gate)
    assert clock.seconds == 1_900.0


async def test_an_open_gate_holds_nobody() -> None:
    """Through an open gate one goes at once."""
    clock = FakeClock()
    assert await ResultClock(clock, 30.0, 900.0).through(FakeGate())
    assert clock.seconds == 1_000.0


async def test_two_who_wait_at_once_hold_the_clock_once() -> None:
    """Time in which several parts of a result are held back counts once, not once for each."""

    async def story(clock: VirtualClock) -> ResultClock:
        time = ResultClock(clock, 30.0, 900.0)
        gates = [FakeGate(), FakeGate()]
        for gate in gates:
            gate.close()
        waiting = [asyncio.ensure_future(time.through(gate)) for gate in gates]
        await clock.sleep(10.0)
        assert time.left_s == 30.0
        gates[0].open()
        await clock.sleep(5.0)
        gates[1].open()
        assert await asyncio.gather(*waiting) == [True, True]
        assert time.hold_left_s == 885.0
        await clock.sleep(3.0)
        time.stood_still_since(clock.monotonic() - 1.0)
        assert time.left_s == 28.0
        time.stood_still_since(14.0)
        assert time.left_s == 30.0
        return time

    await asyncio.to_thread(virtually, story)


async def test_what_a_gate_raises_passes_through() -> None:
    """A gate whose store is gone for good does not hold anybody for ever."""

    class Broken(FakeGate):
        async def opened(self) -> None:
            raise FatalError("gone")

    gate = Broken()
    gate.close()
    with pytest.raises(FatalError, match="gone"):
        await ResultClock(FakeClock(), 30.0, 900.0).through(gate)
