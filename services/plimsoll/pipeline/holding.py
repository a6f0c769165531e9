"""A result's time: a deadline that stands still while something holds the result back."""

from __future__ import annotations

import asyncio

from plimsoll.ports.clock import Clock
from plimsoll.ports.compute import Gate


class ResultClock:
    """Runs from a result's admission, on the monotonic clock; held time counts for `max_hold`."""

    def __init__(self, clock: Clock, deadline_s: float, max_hold_s: float) -> None:
        self._clock = clock
        self._deadline_s = deadline_s
        self._max_hold_s = max_hold_s
        self._admitted = clock.monotonic()
        self._held_s = 0.0

    @property
    def left_s(self) -> float:
        """Seconds until the deadline; 0 or less where it has passed."""
        return self._deadline_s - (self._clock.monotonic() - self._admitted - self._held_s)

    async def through(self, gate: Gate) -> bool:
        """Waits at a gate; False where `max_hold` ran out before it opened."""
        began = self._clock.monotonic()
        while not gate.is_open:
            held = self._held_s + self._clock.monotonic() - began
            if held >= self._max_hold_s:
                break
            await self._opened_or(gate, self._max_hold_s - held)
        self._held_s += self._clock.monotonic() - began
        return gate.is_open

    async def _opened_or(self, gate: Gate, seconds: float) -> None:
        opened = asyncio.ensure_future(gate.opened())
        patience = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({opened, patience}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            opened.cancel()
            patience.cancel()
