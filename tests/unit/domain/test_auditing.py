"""Results are drawn by their names alone: the same everywhere, and in the share that was asked."""

from __future__ import annotations

import pytest

from plimsoll.domain.auditing import drawn
from plimsoll.domain.identity import ResultKey

KEYS = [ResultKey("acme", f"r{number}") for number in range(4_000)]


def test_a_draw_is_the_same_in_any_process() -> None:
    """Nothing but the key decides: these were drawn once, and are for ever."""
    assert [key.result_id for key in KEYS if drawn(key, 0.002)] == [
        "r1850",
        "r2497",
        "r2582",
        "r3220",
    ]


@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_the_share_is_the_one_asked_for(rate: float) -> None:
    """Of 4,000 names the share is within four standard deviations; these names never change."""
    count = sum(drawn(key, rate) for key in KEYS)
    assert abs(count / len(KEYS) - rate) < 4 * (rate * (1 - rate) / len(KEYS)) ** 0.5


def test_a_higher_rate_draws_those_and_more() -> None:
    """Who turns the rate up keeps what is labelled already; 0 draws nobody and 1 everybody."""
    sets = [{key for key in KEYS if drawn(key, rate)} for rate in (0.0, 0.1, 0.3, 1.0)]
    assert sets[0] == set()
    assert sets[0] < sets[1] < sets[2] < sets[3] == set(KEYS)


def test_tenants_are_drawn_apart() -> None:
    """The same ID of two tenants is two results."""
    other = {key.result_id for key in KEYS if drawn(ResultKey("other", key.result_id), 0.3)}
    assert other != {key.result_id for key in KEYS if drawn(key, 0.3)}
