"""The machine's clocks."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """Time as the operating system tells it."""

    def monotonic(self) -> float:
        """Seconds that never go back; for deadlines."""
        return time.monotonic()

    def now(self) -> datetime:
        """The wall clock in UTC; for timestamps only."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Waits on the monotonic clock."""
        await asyncio.sleep(seconds)
