"""Windows of quality: what the observer counts, by tenant, model, task kind and metric."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import TaskKind

# The series of the combination, beside those of the metrics.
CONFIDENCE = "confidence"
# Bins of the histogram on [0, 1]; a quantile is known to a hundredth.
BINS = 100


class Series(NamedTuple):
    """What one window counts: a metric's name, or "confidence", of one tenant, model and task."""

    tenant: str
    model: str
    task_kind: TaskKind
    metric: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Unique results with and without a value; sums are over values, absences by reason.

    `histogram` holds (bin, count) in the order of bins, empty ones left out.
    """

    count: int = 0
    absences: tuple[tuple[AbsenceReason, int], ...] = ()
    sum: float = 0.0
    sum_of_squares: float = 0.0
    histogram: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class QualityWindow:
    """The cumulative tally of one window over one partition of the scores topic.

    The one with the highest `last_offset` replaces the others; a reader adds up over partitions.
    """

    series: Series
    start_time: datetime
    end_time: datetime
    source_partition: int
    last_offset: int
    tally: Tally
    bins: int = BINS


class SegmentKey(NamedTuple):
    """Names a segment: source partition, start of its window (ms since the epoch), number."""

    partition: int
    start_ms: int
    number: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Some hundred results of one window: their IDs (hashed to 64 bits) and what they add up to.

    Both travel in one value, so that a result is counted and remembered, or neither.
    """

    key: SegmentKey
    last_offset: int
    ids: tuple[int, ...]
    tallies: tuple[tuple[Series, Tally], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a source partition is counted: everything before `next_offset` is in its segments.

    `newest_start_ms` is the start of the newest window seen until then. Windows that start at
    `closed_start_ms` or before are over and published: their segments mean nothing any more.
    """

    partition: int
    next_offset: int
    newest_start_ms: int
    closed_start_ms: int
