"""Waiting for a store that cannot serve: what judges have cost and said must not be lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from plimsoll.domain.errors import RetryableError
from plimsoll.ports.clock import Clock
from plimsoll.ports.judge_telemetry import JUDGE_STORE_WAITS
from plimsoll.ports.telemetry import Telemetry
from plimsoll.resilience.patience import keep_trying

T = TypeVar("T")


class StoreWaits:
    """Calls a store for one judge until it serves; only a fatal error passes through."""

    def __init__(self, judge: str, clock: Clock, telemetry: Telemetry) -> None:
        self._judge = judge
        self._clock = clock
        self._telemetry = telemetry

    async def __call__(self, call: Callable[[], Awaitable[T]]) -> T:
        """What the store answers."""
        try:
            return await call()
        except RetryableError as error:
            self._note(error)
            await self._clock.sleep(error.delay.total_seconds())
        return await keep_trying(call, self._clock, self._note)

    def _note(self, error: RetryableError) -> None:
        del error
        self._telemetry.count(JUDGE_STORE_WAITS, (self._judge,))
