"""Counts of the last seconds, in slots of a second: bounded, however much is counted."""

from __future__ import annotations

from collections import deque
from math import floor


class Recent:
    """How many things happened in the last `seconds` whole seconds, this one included."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._slots: deque[tuple[int, int]] = deque()
        self._total = 0

    def add(self, now_s: float, count: int = 1) -> None:
        """Something happens."""
        second = floor(now_s)
        if self._slots and self._slots[-1][0] >= second:
            at, before = self._slots.pop()
            self._slots.append((at, before + count))
        else:
            self._slots.append((second, count))
        self._total += count
        self._forget(second)

    def count(self, now_s: float) -> int:
        """How many there were."""
        self._forget(floor(now_s))
        return self._total

    def clear(self) -> None:
        """Forgets all."""
        self._slots.clear()
        self._total = 0

    def _forget(self, second: int) -> None:
        while self._slots and self._slots[0][0] <= second - self._seconds:
            self._total -= self._slots.popleft()[1]
