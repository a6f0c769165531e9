"""How many calls may be under way at once: additive increase, multiplicative decrease."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """One call under way; `round` is the round trip in which it began."""

    round: int


class ConcurrencyLimit:
    """Grows by one a round trip in which the limit was reached and a call succeeded.

    Shrinks by `decrease` where the provider throttles, at most once a round trip: what began
    before the last change tells nothing new. A round trip ends when a call that began in it does.
    """

    def __init__(self, *, most: int, start: int = 4, least: int = 1, decrease: float = 0.7) -> None:
        self._most = float(most)
        self._least = float(least)
        self._start = float(min(most, start))
        self._decrease = decrease
        self._limit = self._start
        self._running = 0
        self._round = 0
        self._reached = False

    @property
    def limit(self) -> int:
        """How many calls may be under way at once."""
        return int(self._limit)

    @property
    def running(self) -> int:
        """How many are."""
        return self._running

    @property
    def has_room(self) -> bool:
        """Whether another call may begin."""
        return self._running < self.limit

    @property
    def at_least(self) -> bool:
        """Whether it cannot shrink any further."""
        return self._limit < self._least + 1

    def begin(self) -> Slot:
        """A call begins."""
        self._running += 1
        self._reached = self._reached or not self.has_room
        return Slot(self._round)

    def end(self) -> None:
        """A call has ended in a way that says nothing about the limit."""
        self._running -= 1

    def succeed(self, slot: Slot) -> None:
        """It has ended well."""
        self._running -= 1
        if slot.round == self._round:
            if self._reached:
                self._limit = min(self._most, self._limit + 1)
            self._next_round()

    def throttle(self, slot: Slot) -> None:
        """It was throttled, or never came back."""
        self._running -= 1
        if slot.round == self._round:
            self._limit = max(self._least, self._limit * self._decrease)
            self._next_round()

    def restart(self) -> None:
        """Begins at the start again, as after an outage; calls under way stay so."""
        self._limit = min(self._limit, self._start)
        self._next_round()

    def _next_round(self) -> None:
        self._round += 1
        self._reached = False
