"""Spans of a topic: their times as people type them, and how partitions share a bound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.cli.spans import Span, fair_share, typed_time
from plimsoll.domain.errors import ConfigurationError


def test_a_time_without_a_zone_is_utc() -> None:
    """ISO 8601, in the zone that it names, else in UTC; nothing is no bound."""
    assert typed_time("2026-01-31T09:00") == datetime(2026, 1, 31, 9, tzinfo=UTC)
    east = timezone(timedelta(hours=1))
    assert typed_time("2026-01-31T09:00+01:00") == datetime(2026, 1, 31, 9, tzinfo=east)
    assert typed_time("") is None


def test_what_is_no_time_is_refused_with_an_example() -> None:
    """The error repeats the text and shows one that would do."""
    with pytest.raises(ConfigurationError, match="'yesterday' is no time: give one such as 2026"):
        typed_time("yesterday")


def test_a_span_has_its_beginning_and_not_its_end() -> None:
    """A record at `since` is in it, one at `until` is not; without bounds every one is."""
    first, last = datetime(2026, 1, 31, 9, tzinfo=UTC), datetime(2026, 1, 31, 10, tzinfo=UTC)
    begin_ms, end_ms = int(first.timestamp() * 1_000), int(last.timestamp() * 1_000)
    span = Span(first, last, 10)
    times = (begin_ms - 1, begin_ms, end_ms - 1, end_ms)
    assert [span.holds(time_ms) for time_ms in times] == [False, True, True, False]
    assert all(Span(None, None, 10).holds(time_ms) for time_ms in times)


@given(st.integers(1, 10_000), st.lists(st.integers(-5, 5_000), min_size=1, max_size=12))
def test_partitions_share_a_bound_without_waste(most: int, sizes: list[int]) -> None:
    """All together are at most the bound, and all of them where they fit into it."""
    share = fair_share(most, sizes)
    taken = sum(min(share, max(0, size)) for size in sizes)
    there = sum(max(0, size) for size in sizes)
    assert taken <= most
    assert taken > min(most, there) - len(sizes)
    if there <= most:
        assert taken == there
