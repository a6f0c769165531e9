"""Quotas as Bedrock meters them, against a naive account of the same calls."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.adapters.emulator.quota import Meter, ModelQuota


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time_s = 0.0

    def __call__(self) -> float:
        return self.time_s


def test_the_documented_arithmetic() -> None:
    """2 million tokens a minute start 1,333 calls that reserve 1,500, or 31 that reserve 64,000."""
    for reserved, calls in ((1_500, 1_333), (64_000, 31)):
        quota = ModelQuota(0, 2_000_000, Hand())
        started = 0
        while quota.admit(reserved):
            started += 1
        assert started == calls


def test_what_was_not_used_comes_back_when_the_call_ends() -> None:
    """A call reserves its bound and is settled with what it took; five times the output, say."""
    quota = ModelQuota(0, 1_000, Hand())
    assert quota.admit(900)
    assert not quota.admit(200)
    quota.settle(900, 100 + 5 * 60)
    assert quota.admit(600)
    assert not quota.admit(1)


def test_a_refused_call_costs_nothing() -> None:
    """A call that its tokens refuse does not count as a request."""
    quota = ModelQuota(1, 100, Hand())
    assert not quota.admit(101)
    assert quota.admit(100)
    assert not quota.admit(0)


def test_no_quota_refuses_nothing() -> None:
    """Zero a minute is no quota at all."""
    quota = ModelQuota(0, 0, Hand())
    assert all(quota.admit(10**9) for _ in range(100))


@given(
    per_minute=st.integers(1, 10_000),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(0, 5_000)), max_size=60),
)
def test_no_stretch_of_time_gives_more_than_its_share(
    per_minute: int, steps: list[tuple[float, int]]
) -> None:
    """From any moment on, no more is taken than the full quota and what has grown since."""
    clock = Hand()
    meter = Meter(per_minute, clock)
    taken: list[tuple[float, int]] = []
    for wait_s, amount in steps:
        clock.time_s += wait_s
        if meter.take(amount):
            taken.append((clock.time_s, amount))
    for start, _ in taken:
        total = sum(amount for at, amount in taken if at >= start)
        grown = (clock.time_s - start) / 60 * per_minute
        assert total <= per_minute + grown + 1e-6


@given(st.floats(0, 3_600), st.floats(-1_000, 1_000, allow_nan=False))
def test_a_quota_never_holds_more_than_a_minute(wait_s: float, back: float) -> None:
    """Neither waiting nor settling lifts it above its limit."""
    clock = Hand()
    meter = Meter(100, clock)
    meter.give_back(back)
    clock.time_s += wait_s
    most = sum(1 for _ in range(200) if meter.take(1))
    assert most <= 100
    assert math.isfinite(most)


@pytest.mark.parametrize("used", [1_500, 1_000])
def test_using_more_than_was_reserved_is_owed(used: int) -> None:
    """What was settled beyond the reservation has to grow again first."""
    clock = Hand()
    quota = ModelQuota(0, 1_000, clock)
    assert quota.admit(1_000)
    quota.settle(1_000, used)
    clock.time_s += (used - 1_000) * 60 / 1_000
    assert not quota.admit(1)
    clock.time_s += 0.061
    assert quota.admit(1)
