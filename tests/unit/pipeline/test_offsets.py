"""The offset tracker's edges; its law is in tests/properties."""

from __future__ import annotations

import pytest

from plimsoll.pipeline.offsets import OffsetTracker


def test_nothing_taken_commits_where_it_began() -> None:
    """Without a record the watermark is the offset that the assignment began at."""
    assert OffsetTracker(42).watermark == 42


def test_a_slow_head_holds_the_watermark() -> None:
    """The watermark stays at a slow first record, however many later ones are done."""
    tracker = OffsetTracker(31)
    for offset in range(31, 41):
        tracker.add(offset)
    for offset in range(32, 41):
        tracker.finish(offset)
    assert tracker.watermark == 31
    tracker.finish(31)
    assert tracker.watermark == 41


def test_offsets_must_rise() -> None:
    """An offset that was taken already cannot be taken again by the same assignment."""
    tracker = OffsetTracker(0)
    tracker.add(5)
    with pytest.raises(ValueError, match="offset 5 was added after 5"):
        tracker.add(5)
