"""Calls of many callers, each under a bound of its own."""

from __future__ import annotations

import pytest

from plimsoll.resilience.allowance import Allowances
from tests.support.fake_clock import FakeClock


def test_an_average_is_kept_and_a_wait_is_enough() -> None:
    """Over a minute a caller gets so many a second, and whoever waits as told gets its turn."""
    clock = FakeClock()
    allowances = Allowances(5.0, clock)
    taken, start = 0, clock.seconds
    while clock.seconds < start + 60:
        wait_s = allowances.take("a")
        if wait_s == 0:
            taken += 1
        else:
            clock.seconds += wait_s
    assert taken == pytest.approx(5 * 60 + 5, abs=1)


def test_callers_do_not_share() -> None:
    """One that has used its allowance up takes nothing from another."""
    allowances = Allowances(1.0, FakeClock())
    assert [allowances.take("a") > 0 for _ in range(3)] == [False, True, True]
    assert allowances.take("b") == 0


def test_less_than_one_a_second() -> None:
    """A call in ten seconds is one in ten seconds, the first at once."""
    clock = FakeClock()
    allowances = Allowances(0.1, clock)
    assert allowances.take("a") == 0
    assert allowances.take("a") == pytest.approx(10)
    clock.seconds += 10
    assert allowances.take("a") == 0


def test_no_bound() -> None:
    """0 bounds nobody and remembers nobody."""
    allowances = Allowances(0.0, FakeClock())
    assert sum(allowances.take("a") for _ in range(1_000)) == 0
    assert not allowances._buckets


def test_memory_is_bounded() -> None:
    """However many names are made up, ten thousand are remembered: those that called last."""
    allowances = Allowances(1.0, FakeClock())
    for number in range(10_050):
        allowances.take(str(number))
    assert len(allowances._buckets) == 10_000
    assert allowances.take("10049") > 0
    assert allowances.take("0") == 0
