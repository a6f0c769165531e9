"""Counts of the last seconds, against a list of all that happened."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.resilience.recent import Recent
from plimsoll.resilience.retry_share import RetryShare

HAPPENINGS = st.lists(st.tuples(st.sampled_from([0.0, 0.3, 1.0, 4.0, 31.0]), st.integers(1, 5)))


@given(HAPPENINGS)
def test_it_counts_what_a_list_counts(happenings: list[tuple[float, int]]) -> None:
    """Whatever the gaps, the last thirty whole seconds add up."""
    recent, kept, now = Recent(30), [], 100.5
    for gap, count in happenings:
        now += gap
        recent.add(now, count)
        kept.append((int(now), count))
        assert recent.count(now) == sum(n for second, n in kept if second > int(now) - 30)
    assert recent.count(now + 31) == 0


def test_it_stays_small() -> None:
    """A million things in a minute take no more than a slot a second."""
    recent = Recent(30)
    for n in range(60):
        recent.add(float(n), 20_000)
    assert len(recent._slots) <= 31
    assert recent.count(59.0) == 600_000


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 7.0, 61.0]), st.booleans()), max_size=200))
def test_retries_never_pass_their_share(events: list[tuple[float, bool]]) -> None:
    """In any minute there are at most ten retries, and one for every ten calls."""
    share, now = RetryShare(), 500.0
    calls: list[int] = []
    retries: list[int] = []
    for gap, is_call in events:
        now += gap
        second = int(now)
        if is_call:
            share.note_call(now)
            calls.append(second)
            continue
        fit = sum(at > second - 60 for at in retries) + 1 <= 10 + 0.1 * sum(
            at > second - 60 for at in calls
        )
        assert share.spend(now) == fit
        if fit:
            retries.append(second)
