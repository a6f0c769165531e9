"""A result's time: a deadline that stands still while something holds the result back."""

from __future__ import annotations

import asyncio

from plimsoll.ports.clock import Clock
from plimsoll.ports.compute import Gate

Span = tuple[float, float]


class ResultClock:
    """Runs from a result's admission, on the monotonic clock; held time counts for `max_hold`.

    Several parts of a result may be held back at once, as the judges of a panel are: a moment
    counts once, however many wait in it.
    """

    def __init__(self, clock: Clock, deadline_s: float, max_hold_s: float) -> None:
        self._clock = clock
        self._deadline_s = deadline_s
        self._max_hold_s = max_hold_s
        self._admitted = clock.monotonic()
        self._spans: list[Span] = []
        self._waiting_since: list[float] = []

    @property
    def left_s(self) -> float:
        """Seconds until the deadline; 0 or less where it has passed."""
        return self._deadline_s - (self._clock.monotonic() - self._admitted - self._held_s)

    @property
    def hold_left_s(self) -> float:
        """Seconds for which the result may still be held back; 0 or less where it may not."""
        return self._max_hold_s - self._held_s

    async def through(self, gate: Gate) -> bool:
        """Waits at a gate; False where `max_hold` ran out before it opened.

        What `gate.opened` raises passes through.
        """
        if gate.is_open:
            return True
        began = self._clock.monotonic()
        self._waiting_since.append(began)
        try:
            while not gate.is_open and self.hold_left_s > 0:
                await self._opened_or(gate, self.hold_left_s)
        finally:
            self._waiting_since.remove(began)
            self.stood_still_since(began)
        return gate.is_open

    def stood_still_since(self, began_s: float) -> None:
        """Counts the time from `began_s` (monotonic) up to now as held."""
        self._spans = _merged([*self._spans, (began_s, self._clock.monotonic())])

    @property
    def _held_s(self) -> float:
        spans = self._spans
        if self._waiting_since:
            spans = _merged([*spans, (min(self._waiting_since), self._clock.monotonic())])
        return sum(end - begin for begin, end in spans)

    async def _opened_or(self, gate: Gate, seconds: float) -> None:
        opened = asyncio.ensure_future(gate.opened())
        patience = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({opened, patience}, return_when=asyncio.FIRST_COMPLETED)
            if opened.done():
                opened.result()
        finally:
            opened.cancel()
            patience.cancel()


def _merged(spans: list[Span]) -> list[Span]:
    """The same moments in spans that do not touch, in order."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
