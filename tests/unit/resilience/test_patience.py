"""Trying again: for as long as it helps, and no longer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.resilience.patience import Row, ended_unless, keep_trying
from tests.support.fake_clock import FakeClock


class Flaky:
    """Fails so many times."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.left = failures
        self.error = error

    async def __call__(self) -> str:
        """Fails or answers."""
        if self.left:
            self.left -= 1
            raise self.error
        return "done"


async def test_retryable_errors_are_waited_out() -> None:
    """However often the call fails retryably, its answer comes, and each failure is told."""
    told: list[RetryableError] = []
    clock = FakeClock()
    assert await keep_trying(Flaky(50, RetryableError("away")), clock, told.append) == "done"
    assert len(told) == 50


async def test_waits_grow_to_ten_seconds() -> None:
    """An outage is asked after ever more rarely, but at least every ten seconds."""
    clock = FakeClock()
    times: list[float] = []
    error = RetryableError("away", timedelta(0))
    await keep_trying(Flaky(30, error), clock, lambda _: times.append(clock.seconds))
    gaps = [b - a for a, b in pairwise(times)]
    assert gaps[0] < 0.5
    assert gaps[-1] == pytest.approx(10.0)


async def test_the_errors_own_delay_is_kept() -> None:
    """A RetryableError that asks for five seconds gets them."""
    clock = FakeClock()
    before = clock.seconds
    error = RetryableError("slow down", timedelta(seconds=5))
    await keep_trying(Flaky(1, error), clock, lambda _: None)
    assert clock.seconds - before == pytest.approx(5.0)


async def test_other_errors_pass_through() -> None:
    """A fatal error is not tried again."""
    flaky = Flaky(3, FatalError("no permission"))
    with pytest.raises(FatalError, match="no permission"):
        await keep_trying(flaky, FakeClock(), lambda _: None)
    assert flaky.left == 2


async def test_a_fault_with_a_budget_ends() -> None:
    """As often in a row as its budget says, and it is fatal; what went before does not count."""
    bounded = RetryableError("unknown", most_in_a_row=3)
    faults = [bounded, bounded, RetryableError("away"), bounded, bounded, bounded]
    left = iter(faults)

    async def fail() -> None:
        raise next(left)

    told: list[RetryableError] = []
    with pytest.raises(FatalError, match="unknown; 3 times in a row"):
        await keep_trying(fail, FakeClock(), told.append)
    assert told == faults[:-1]


UNKNOWN = RetryableError("unknown", timedelta(0), most_in_a_row=20)


async def test_a_row_of_faults_has_an_end() -> None:
    """Between two others its waits grow to ten seconds; the twentieth fault is fatal."""
    clock = FakeClock()
    row = Row(clock)
    waits = []
    for _ in range(19):
        waits.append(row.wait_s(UNKNOWN))
        await clock.sleep(waits[-1] + 1.0)
    assert waits == sorted(waits)
    assert waits[0] < 1.0
    assert waits[-1] == pytest.approx(10.0)
    with pytest.raises(FatalError, match="unknown; 20 times in a row"):
        row.wait_s(UNKNOWN)


async def test_faults_that_pass_are_of_no_row() -> None:
    """A minute without one ends a row, and so does whoever has seen that it has passed."""
    clock = FakeClock()
    row = Row(clock)
    for _ in range(100):
        await clock.sleep(row.wait_s(UNKNOWN) + 61.0)
    for _ in range(100):
        await clock.sleep(row.wait_s(UNKNOWN))
        row.end()


def test_an_outage_is_of_no_row() -> None:
    """A fault without a number in a row may last: each time its own delay is waited."""
    row = Row(FakeClock())
    away = RetryableError("away", timedelta(seconds=2))
    assert {row.wait_s(away) for _ in range(100)} == {2.0}


async def test_what_waits_for_ever_ends_when_it_is_told() -> None:
    """It is cancelled, and is over by the time that the caller goes on."""
    stop, begun, over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            over.set()

    waiting = asyncio.create_task(ended_unless(stop, wait()))
    await begun.wait()
    stop.set()
    assert (await waiting).cancelled()
    assert over.is_set()


async def test_what_ends_by_itself_has_its_result() -> None:
    """Nobody says stop: the answer is there, or what was raised."""
    stop = asyncio.Event()
    flaky = Flaky(1, FatalError("no permission"))
    failed, done = await ended_unless(stop, flaky()), await ended_unless(stop, flaky())
    with pytest.raises(FatalError, match="no permission"):
        failed.result()
    assert done.result() == "done"
