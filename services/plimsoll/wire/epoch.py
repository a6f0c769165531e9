"""Times as client libraries write them: seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime

from plimsoll.wire.loose import number


def time_of(source: object, name: str) -> datetime | None:
    """UTC; None where there is none, or none within the years 1 to 9999."""
    seconds = number(source, name)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
