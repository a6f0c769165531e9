"""Records that come too early: read again from where we stand, or gone for good."""

from __future__ import annotations

from enum import Enum

# How long what was fetched before may still arrive after a partition is read again.
_SETTLE_S = 0.5
# How often in a row the same record must come first before those ahead of it count as gone.
_TIMES = 5


class Finding(Enum):
    """What to do about a record that comes before others that are missing."""

    ASK = "ask"
    DROP = "drop"
    GONE = "gone"


class Gap:
    """Missing records of one partition.

    A stream may drop records when its partitions are dealt anew, and what it had fetched comes out
    of its queues after the partition has been read again. Only where the same record is the first
    to come time after time is there nothing before it any more.
    """

    def __init__(self) -> None:
        self._asked_at: float | None = None
        self._is_first = False
        self._first = -1
        self._times = 0

    def meet(self, offset: int, now_s: float) -> Finding:
        """Meets a record that comes too early, at this time on a monotonic clock.

        ASK reads the partition again, DROP leaves the record until it comes again, GONE takes it.
        """
        if self._is_first:
            self._is_first = False
            self._times = self._times + 1 if offset == self._first else 1
            self._first = offset
            if self._times >= _TIMES:
                return Finding.GONE
        if self._asked_at is not None and now_s - self._asked_at < _SETTLE_S:
            return Finding.DROP
        self._asked_at, self._is_first = now_s, True
        return Finding.ASK
