"""Waits grow, have a cap, and after a throttle a floor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.resilience.jitter import equal_jitter, full_jitter

CHANCES = st.floats(0.0, 1.0, exclude_max=True)


@given(st.integers(1, 10_000), CHANCES)
def test_waits_keep_their_bounds(failures: int, chance: float) -> None:
    """However often it failed and whatever is drawn, a wait is finite and has its floor."""
    assert 0.0 <= full_jitter(failures, chance) <= 20.0
    assert 1.0 <= equal_jitter(failures, chance) <= 30.0


def test_waits_after_throttles_are_never_nothing() -> None:
    """Even by the worst luck, eight throttles in a row take more than a minute."""
    assert sum(equal_jitter(n, 0.0) for n in range(1, 9)) > 60.0
    assert sum(full_jitter(n, 0.0) for n in range(1, 9)) == 0.0
