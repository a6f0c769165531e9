"""The observer's memory as rows."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.quality import Progress, Segment, SegmentKey, Series, Tally
from plimsoll.domain.result import TaskKind
from plimsoll.wire.window_state import (
    decode_rows,
    newer_value,
    progress_row,
    segment_key,
    segment_row,
)

SERIES = Series("acme", "org/m-1", TaskKind.CODE, "confidence")
TALLY = Tally(3, ((AbsenceReason.THROTTLED, 1),), 0.1 + 0.2, 1 / 3, ((9, 1), (20, 1)))
KEY = SegmentKey(7, 1_700_000_040_000, 2)
SEGMENT = Segment(KEY, 41, (0, 1, 2**64 - 1), ((SERIES, TALLY),))
PROGRESS = Progress(7, 42, 1_700_000_040_000, -(1 << 62))


def test_state_comes_back_as_it_was() -> None:
    """To the last bit of every sum, and of every ID."""
    rows = [segment_row(SEGMENT), progress_row(PROGRESS)]
    assert decode_rows(rows) == ((SEGMENT,), PROGRESS)


def test_a_segment_s_key_names_it() -> None:
    """The row of a segment and its deletion meet on one key."""
    assert segment_row(SEGMENT)[0] == segment_key(KEY) == b"7/1700000040000/2"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"7/0/0", b""),
        (b"7/0/0", b"[]"),
        (b"7/0/0", b'{"v":2}'),
        (b"7/0/0", b'{"v":1,"last_offset":1,"ids":"!","tallies":[]}'),
        (b"7/0/0", b'{"v":1,"last_offset":1,"ids":"AAAA","tallies":[]}'),
        (b"7/0/0", b'{"v":1,"last_offset":1,"ids":"","tallies":[[1]]}'),
        (b"7/x/0", b'{"v":1,"last_offset":1,"ids":"","tallies":[]}'),
        (b"7", b'{"v":1}'),
        (b"7/progress", b'{"v":1}'),
    ],
)
def test_a_row_that_cannot_be_read_is_poison(key: bytes, value: bytes) -> None:
    """Garbage and other versions are refused, with the row's name."""
    with pytest.raises(PoisonError, match="row b'7"):
        decode_rows([(key, value)])


def test_the_value_that_reaches_further_counts() -> None:
    """Whatever order a process that woke up late has put them in."""
    older = segment_row(Segment(KEY, 40, (1, 2), ()))[1]
    newer = segment_row(SEGMENT)[1]
    assert newer_value(older, newer) == newer_value(newer, older) == newer
    behind = progress_row(Progress(7, 30, 0, 0))[1]
    ahead = progress_row(PROGRESS)[1]
    assert newer_value(behind, ahead) == newer_value(ahead, behind) == ahead


def test_of_values_that_reach_as_far_the_later_counts() -> None:
    """A window is closed without the progress moving on."""
    held = progress_row(PROGRESS)[1]
    later = progress_row(Progress(7, 42, 1_700_000_040_000, 5))[1]
    assert newer_value(held, later) == later


def test_garbage_does_not_stop_the_choice() -> None:
    """It is for the reader of the rows to refuse it."""
    assert newer_value(b"{", b"}") == b"}"
