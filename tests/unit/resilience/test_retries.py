"""Retries end with the time, the budget or another error."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.resilience.retries import RetryBudget, retry_within
from tests.support.fake_clock import FakeClock


class AwayError(RetryableError):
    """What these tests try again."""


class Calls:
    """Fails as it is told, then answers with the seconds it was given."""

    def __init__(self, clock: FakeClock, *failures: Exception) -> None:
        self.clock = clock
        self.failures = list(failures)
        self.left: list[float] = []

    async def __call__(self, left_s: float) -> str:
        """One attempt; it takes a tenth of a second."""
        self.left.append(left_s)
        self.clock.seconds += 0.1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


async def run(calls: Calls, timeout_s: float = 5.0, budget: RetryBudget | None = None) -> str:
    """Under a budget of its own unless one is given."""
    return await retry_within(
        calls,
        retried=AwayError,
        timeout_s=timeout_s,
        clock=calls.clock,
        budget=budget or RetryBudget(),
    )


async def test_it_tries_again_with_the_time_that_is_left() -> None:
    """Each attempt knows how long it may take, and no more than the whole."""
    calls = Calls(FakeClock(), AwayError("a"), AwayError("b"))
    assert await run(calls) == "answer"
    assert len(calls.left) == 3
    assert calls.left == sorted(calls.left, reverse=True)
    assert calls.left[0] <= 5.0


async def test_the_time_ends_it() -> None:
    """The last error passes through before the time is over, not after."""
    clock = FakeClock()
    calls = Calls(clock, *(AwayError(str(n)) for n in range(99)))
    started = clock.monotonic()
    with pytest.raises(AwayError):
        await run(calls, timeout_s=1.0, budget=RetryBudget(reserve=1_000))
    assert clock.monotonic() - started <= 1.1
    assert all(left > 0 for left in calls.left)


async def test_it_waits_as_long_as_the_error_asks() -> None:
    """A service that names its delay is not asked before."""
    calls = Calls(FakeClock(), AwayError("later", timedelta(seconds=2)))
    await run(calls)
    assert calls.left[0] - calls.left[1] >= 2.0


@pytest.mark.parametrize("error", [RetryableError("other"), FatalError("no"), ValueError("bug")])
async def test_every_other_error_passes_at_once(error: Exception) -> None:
    """Only the named kind is tried again."""
    calls = Calls(FakeClock(), error)
    with pytest.raises(type(error)):
        await run(calls)
    assert len(calls.left) == 1


async def test_an_outage_cannot_overdraw_the_budget() -> None:
    """A hundred calls that fail make ten retries from the reserve and one for each ten calls."""
    clock, budget = FakeClock(), RetryBudget()
    attempts = 0
    for _ in range(100):
        calls = Calls(clock, *(AwayError(str(n)) for n in range(99)))
        with pytest.raises(AwayError):
            await run(calls, timeout_s=60.0, budget=budget)
        attempts += len(calls.left)
    assert 100 < attempts <= 100 + 10 + 10
