"""Counting outcomes, adding tallies up, and reading quantiles off a histogram."""

from __future__ import annotations

import math
from collections import Counter

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.quality import BINS, Tally


class Counts:
    """A tally in the making."""

    __slots__ = ("absences", "count", "histogram", "sum", "sum_of_squares")

    def __init__(self) -> None:
        self.count = 0
        self.absences: Counter[AbsenceReason] = Counter()
        self.sum = 0.0
        self.sum_of_squares = 0.0
        self.histogram: Counter[int] = Counter()

    def add(self, outcome: float | Absence) -> None:
        """Counts one outcome; a value that is not finite counts as an internal error."""
        self.count += 1
        if isinstance(outcome, Absence):
            self.absences[outcome.reason] += 1
        elif math.isfinite(outcome):
            self.sum += outcome
            self.sum_of_squares += outcome * outcome
            self.histogram[min(BINS - 1, max(0, int(outcome * BINS)))] += 1
        else:
            self.absences[AbsenceReason.INTERNAL_ERROR] += 1

    def merge(self, tally: Tally) -> None:
        """Adds what another has counted."""
        self.count += tally.count
        self.sum += tally.sum
        self.sum_of_squares += tally.sum_of_squares
        self.absences.update(dict(tally.absences))
        self.histogram.update(dict(tally.histogram))

    def freeze(self) -> Tally:
        """The tally so far."""
        return Tally(
            self.count,
            tuple(sorted(self.absences.items())),
            self.sum,
            self.sum_of_squares,
            tuple(sorted(self.histogram.items())),
        )


def added(*tallies: Tally) -> Tally:
    """The sum of tallies."""
    counts = Counts()
    for tally in tallies:
        counts.merge(tally)
    return counts.freeze()


def mean(tally: Tally) -> float | None:
    """The mean of the values, None where there are none."""
    values = sum(count for _, count in tally.histogram)
    return tally.sum / values if values else None


def quantile(tally: Tally, level: float, bins: int = BINS) -> float | None:
    """The value in [0, 1] below which `level` of the values lie, linear within its bin.

    None where there are no values. It is off by one bin's width at most. ValueError where the
    level is not in [0, 1].
    """
    if not 0.0 <= level <= 1.0:
        raise ValueError(f"level {level} is not in [0, 1]")
    total = sum(count for _, count in tally.histogram)
    if not total:
        return None
    rank, below = level * total, 0
    for index, count in tally.histogram:
        if below + count >= rank:
            return (index + max(0.0, rank - below) / count) / bins
        below += count
    return 1.0
