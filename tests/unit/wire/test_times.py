"""Times and lengths of time that Python cannot hold are errors of the value."""

from __future__ import annotations

from datetime import timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from plimsoll.wire.times import to_datetime, to_timedelta


@pytest.mark.parametrize(
    ("seconds", "nanos"),
    [
        (2**60, 0),
        (-(2**60), 0),
        (253_402_300_799, 1_500_000_000),
        (-62_135_596_800, -1_000),
    ],
)
def test_a_time_out_of_range_is_a_value_error(seconds: int, nanos: int) -> None:
    """Seconds, or nanoseconds on top of them, that leave the years 1 to 9999 raise ValueError."""
    with pytest.raises(ValueError, match="years 1 to 9999"):
        to_datetime(Timestamp(seconds=seconds, nanos=nanos))


@pytest.mark.parametrize("seconds", [2**60, -(2**60)])
def test_a_duration_out_of_range_is_a_value_error(seconds: int) -> None:
    """A length of time beyond Python's raises ValueError, and not OverflowError."""
    with pytest.raises(ValueError, match="over 999,999,999 days"):
        to_timedelta(Duration(seconds=seconds))


def test_microseconds_are_kept() -> None:
    """Nanoseconds are read down to the microsecond."""
    assert to_timedelta(Duration(seconds=3, nanos=4_999)) == timedelta(seconds=3, microseconds=4)
    assert to_datetime(Timestamp(seconds=3, nanos=4_999)).microsecond == 4
