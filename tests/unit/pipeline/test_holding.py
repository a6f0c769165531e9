"""A result's deadline stands still while it is held back, and a hold has an end."""

from __future__ import annotations

import asyncio

from plimsoll.pipeline.holding import ResultClock
from tests.support.fake_clock import FakeClock
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
