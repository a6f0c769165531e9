"""Time as a dependency, so that tests can move it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Two clocks that are never mixed: one for deadlines, one for timestamps."""

    def monotonic(self) -> float:
        """Seconds that never go back; for deadlines."""

    def now(self) -> datetime:
        """The wall clock in UTC; for timestamps only."""

    async def sleep(self, seconds: float) -> None:
        """Waits on the monotonic clock."""
