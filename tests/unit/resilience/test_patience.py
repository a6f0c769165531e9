"""Trying again: for as long as it helps, and no longer."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.resilience.patience import keep_trying
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
