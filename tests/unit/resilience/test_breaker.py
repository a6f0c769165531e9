"""When a breaker opens, what passes then, and when it closes."""

from __future__ import annotations

from plimsoll.resilience.breaker import Breaker, BreakerRules


def failing(breaker: Breaker, times: int, now: float = 100.0) -> None:
    """So many calls pass and fail."""
    for _ in range(times):
        breaker.fail(breaker.begin(), now)


def test_the_twentieth_failure_opens_it() -> None:
    """Nineteen failures leave it closed, the twentieth opens it at that very moment."""
    breaker = Breaker(BreakerRules())
    failing(breaker, 19)
    assert breaker.openings == 0
    failing(breaker, 1)
    assert not breaker.ready(100.0)
    assert breaker.openings == 1


def test_half_of_the_calls_must_fail() -> None:
    """Ten failures among twenty calls open it, nine among twenty do not."""
    for good, openings in ((10, 1), (11, 0)):
        breaker = Breaker(BreakerRules())
        for _ in range(good):
            breaker.succeed(breaker.begin(), 100.0)
        failing(breaker, 20 - good)
        assert breaker.openings == openings


def test_much_that_went_well_does_not_hide_an_outage() -> None:
    """After a thousand good calls in half a minute, it still opens at the twentieth failure."""
    breaker = Breaker(BreakerRules())
    for n in range(1_000):
        breaker.succeed(breaker.begin(), 100.0 + n / 50)
    failing(breaker, 19, 121.0)
    assert breaker.openings == 0
    failing(breaker, 1, 121.0)
    assert breaker.openings == 1


def test_a_third_that_fails_is_no_outage() -> None:
    """It stays closed for as long as two in three calls go well, however many there are."""
    breaker = Breaker(BreakerRules())
    for n in range(3_000):
        now = 100.0 + n / 50
        if n % 3:
            breaker.succeed(breaker.begin(), now)
        else:
            breaker.fail(breaker.begin(), now)
    assert breaker.openings == 0


def test_one_call_tries_it_out() -> None:
    """After ten seconds one passes; its failure costs ten more, its answer closes it."""
    breaker = Breaker(BreakerRules())
    failing(breaker, 20)
    assert not breaker.ready(109.9)
    assert breaker.ready(110.0)
    probe = breaker.begin()
    assert not breaker.ready(110.0)
    breaker.fail(probe, 111.0)
    assert not breaker.ready(120.9)
    probe = breaker.begin()
    breaker.succeed(probe, 121.0)
    assert breaker.is_closed


def test_a_probe_that_says_nothing_lets_the_next_try() -> None:
    """A call that was withdrawn while it tried the judge out blocks nobody."""
    breaker = Breaker(BreakerRules())
    failing(breaker, 20)
    breaker.drop(breaker.begin())
    assert breaker.ready(110.0)


def test_failures_of_half_a_minute_ago_are_forgotten() -> None:
    """Nineteen failures and, thirty-one seconds later, one more do not open it."""
    breaker = Breaker(BreakerRules())
    failing(breaker, 19, 100.0)
    failing(breaker, 1, 131.0)
    assert breaker.is_closed
