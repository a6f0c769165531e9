"""Which offsets of one partition are done, and how far it may be committed without a gap."""

from __future__ import annotations

from collections import deque


class OffsetTracker:
    """Offsets are added in rising order, finish in any order, and are committed without a gap.

    One tracker serves one assignment of one partition. After a rebalance there is a new one, so
    that what completes late finishes in a tracker that nobody commits from any more.
    """

    __slots__ = ("_done", "_next", "_waiting")

    def __init__(self, start: int = 0) -> None:
        self._next = start
        self._waiting: deque[int] = deque()
        self._done: set[int] = set()

    def add(self, offset: int) -> None:
        """Takes an offset in work; ValueError where it is not above every earlier one."""
        if offset < self._next:
            raise ValueError(f"offset {offset} was added after {self._next - 1}")
        self._waiting.append(offset)
        self._next = offset + 1

    def finish(self, offset: int) -> None:
        """Marks an offset that was added; to finish it twice is the same as once."""
        waiting = self._waiting
        if waiting and waiting[0] == offset:
            waiting.popleft()
            done = self._done
            while waiting and waiting[0] in done:
                done.remove(waiting.popleft())
        elif waiting and offset > waiting[0]:
            self._done.add(offset)

    @property
    def next_offset(self) -> int:
        """The lowest offset that may be added."""
        return self._next

    @property
    def watermark(self) -> int:
        """The next offset to commit: the first that is not done, or the one after the newest."""
        return self._waiting[0] if self._waiting else self._next

    @property
    def in_flight(self) -> int:
        """How many offsets were added and are not done."""
        return len(self._waiting) - len(self._done)

    @property
    def span(self) -> int:
        """Offsets between the watermark and the newest one taken."""
        return self._next - self._waiting[0] if self._waiting else 0
