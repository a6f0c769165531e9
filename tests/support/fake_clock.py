"""A clock that tests move: whoever sleeps on it is awake at once, and it is later."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """Sleeping moves it; nobody waits for real."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self.seconds

    def now(self) -> datetime:
        """The same, as a date."""
        return START + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        """Lets everything else run once, and is later."""
        self.seconds += seconds
        await asyncio.sleep(0)
