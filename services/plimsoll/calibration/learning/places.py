"""Where a label stands in its topic, and which labels an epoch counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True, order=True)
class LabelPlace:
    """A record of the feedback topic; `time` is the record's, which no client sets.

    Ordered by time first, so that the order does not depend on how partitions were read.
    """

    time: datetime
    partition: int
    offset: int


class Tally(NamedTuple):
    """What a result adds to counts: (1, 1) where it is right, (1, 0) wrong, (0, 0) unlabelled."""

    labels: int = 0
    right: int = 0


class Epoch:
    """Counts labelled results from a place on: the next offset by partition, 0 where not named."""

    __slots__ = ("labels", "right", "start")

    def __init__(self, start: Mapping[int, int]) -> None:
        self.start = dict(start)
        self.labels = 0
        self.right = 0

    def covers(self, place: LabelPlace) -> bool:
        """Whether a result that was first labelled there counts."""
        return place.offset >= self.start.get(place.partition, 0)

    def move(self, place: LabelPlace, before: Tally, after: Tally) -> None:
        """Counts a result as what it is now, and no longer as what it was."""
        if self.covers(place):
            self.labels += after.labels - before.labels
            self.right += after.right - before.right
