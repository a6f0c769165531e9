"""Which partitions may give records now, and how many."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.domain.record import TopicPartition
from plimsoll.pipeline.limits import Limits
from plimsoll.pipeline.partition import Assignment

# One turn in so many belongs to the later topics, however much the others have waiting.
_LATER_EVERY = 16
_LATER_RECORDS = 32
# A worker that reads with care begins one record at a time: it need not hold many.
_CAREFUL_RECORDS = 16


class Intake:
    """Decides each turn which partitions are read and how many records are taken."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._turn = 0
        # Until a poll has shown that there is room for the later topics.
        self._crowded = True

    def choose(
        self, assignments: Iterable[Assignment], now: float
    ) -> tuple[set[TopicPartition], int]:
        """The partitions to read and the most records to take; none of both where all is full."""
        self._turn += 1
        mine = list(assignments)
        room = self._limits.max_in_flight - sum(a.tracker.in_flight for a in mine)
        careful = [a for a in mine if a.careful]
        open_now = [a for a in careful or mine if self._has_room(a, now)]
        later = [a for a in open_now if a.partition.topic in self._limits.later_topics]
        if later and self._turn % _LATER_EVERY == 0:
            open_now, room = later, min(room, _LATER_RECORDS)
        elif self._crowded:
            open_now = [a for a in open_now if a not in later] or later
        if careful:
            room = min(room, _CAREFUL_RECORDS)
        if not open_now or room < 1:
            return set(), 0
        per_partition = self._limits.max_in_flight_per_partition
        room = min(room, *(per_partition - a.tracker.in_flight for a in open_now))
        return {a.partition for a in open_now}, room

    def took(self, asked: int, got: int) -> None:
        """Told after each poll: a full one says that more is waiting."""
        self._crowded = got >= asked > 0

    def _has_room(self, assignment: Assignment, now: float) -> bool:
        tracker = assignment.tracker
        # A quarter of its room, so that one full partition does not make every poll a tiny one.
        enough = self._limits.max_in_flight_per_partition * 3 // 4
        return (
            tracker.in_flight <= enough
            and tracker.span < self._limits.max_span
            and now >= assignment.paused_until
            and not assignment.leaving
        )
