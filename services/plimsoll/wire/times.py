"""Protobuf's timestamps and durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_datetime(stamp: Timestamp) -> datetime:
    """UTC, to the microsecond; ValueError outside the years 1 to 9999."""
    try:
        time = datetime.fromtimestamp(stamp.seconds, UTC)
        # Protobuf does not hold nanos to one second: they may lead out of the range by themselves.
        return time + timedelta(microseconds=stamp.nanos // 1_000) if stamp.nanos else time
    except (OverflowError, ValueError, OSError) as error:
        raise ValueError(
            f"timestamp {stamp.seconds} s is not within the years 1 to 9999"
        ) from error


def set_timestamp(stamp: Timestamp, time: datetime) -> None:
    """Writes an aware time."""
    since = time - _EPOCH
    stamp.seconds = since.days * 86_400 + since.seconds
    stamp.nanos = since.microseconds * 1_000


def to_timedelta(duration: Duration) -> timedelta:
    """To the microsecond; ValueError beyond 999,999,999 days."""
    try:
        return timedelta(seconds=duration.seconds, microseconds=duration.nanos // 1_000)
    except OverflowError as error:
        raise ValueError(f"duration {duration.seconds} s is over 999,999,999 days") from error


def set_duration(duration: Duration, time: timedelta) -> None:
    """Writes a length of time that is not negative."""
    duration.seconds = time.days * 86_400 + time.seconds
    duration.nanos = time.microseconds * 1_000
