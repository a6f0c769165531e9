"""One window of one source partition: who was counted, and what it adds up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from plimsoll.domain.absence import Absence
from plimsoll.domain.quality import QualityWindow, Segment, SegmentKey, Series
from plimsoll.domain.result import TaskKind
from plimsoll.pipeline.tallies import Counts, added
from plimsoll.wire.window_state import tally_bytes

# A metric's name and what came of it.
Outcome = tuple[str, float | Absence]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A segment is one record. With its histograms and all series of one result more it stays
# well below what brokers take (1 MB by default), however many tenants and models it counts.
_FULL_BYTES = 200_000


class Group(NamedTuple):
    """What a result is counted under, beside its metrics."""

    tenant: str
    model: str
    task_kind: TaskKind


class Window:
    """Full segments, which never change again, and the open one that takes the next result.

    Segments keep what is written for one result small, however many the window holds.
    """

    def __init__(self, partition: int, start_ms: int, length_ms: int, max_segment_ids: int) -> None:
        self._partition = partition
        self._start_ms = start_ms
        self._length_ms = length_ms
        self._max_segment_ids = max_segment_ids
        self.seen: set[int] = set()
        self.groups: set[Group] = set()
        self.last_offset = -1
        self._full: defaultdict[Series, Counts] = defaultdict(Counts)
        self._open: dict[Series, Counts] = {}
        self._open_bytes = 0
        self._open_ids: list[int] = []
        self._open_number = 0
        self._unsaved: list[Segment] = []
        self._open_is_unsaved = False
        self._changed: set[Series] = set()

    def restore(self, segment: Segment) -> None:
        """Takes a saved segment in; to be called in the order of their numbers."""
        self._close()
        self._open_number = segment.key.number
        self._open_ids = list(segment.ids)
        self.seen.update(segment.ids)
        self.last_offset = max(self.last_offset, segment.last_offset)
        for series, tally in segment.tallies:
            self._counts(series).merge(tally)
            self._touch(series)
        self._close_if_full()

    def add(self, digest: int, offset: int, group: Group, outcomes: Iterable[Outcome]) -> None:
        """Counts one result under its group, with each metric's outcome."""
        self.seen.add(digest)
        self._open_ids.append(digest)
        self.last_offset = max(self.last_offset, offset)
        self._open_is_unsaved = True
        for metric, outcome in outcomes:
            series = Series(*group, metric)
            self._counts(series).add(outcome)
            self._touch(series)
        if self._is_full():
            self._unsaved.append(self._segment())
            self._open_is_unsaved = False
        self._close_if_full()

    def take_unsaved(self) -> Sequence[Segment]:
        """Segments that have changed since the last call, in the order of their numbers."""
        unsaved = self._unsaved
        if self._open_is_unsaved:
            unsaved.append(self._segment())
        self._unsaved, self._open_is_unsaved = [], False
        return unsaved

    def take_changed(self) -> Iterator[QualityWindow]:
        """Tallies that have changed since the last call."""
        changed, self._changed = self._changed, set()
        start = _EPOCH + timedelta(milliseconds=self._start_ms)
        end = start + timedelta(milliseconds=self._length_ms)
        for series in sorted(changed):
            # Always full segments first, in their order: the same sum before and after a restart.
            parts = [counts[series] for counts in (self._full, self._open) if series in counts]
            tally = added(*(part.freeze() for part in parts))
            yield QualityWindow(series, start, end, self._partition, self.last_offset, tally)

    def segment_keys(self) -> Iterator[SegmentKey]:
        """Names of its segments."""
        for number in range(self._open_number + 1):
            yield SegmentKey(self._partition, self._start_ms, number)

    def _touch(self, series: Series) -> None:
        self.groups.add(Group(series.tenant, series.model, series.task_kind))
        self._changed.add(series)

    def _segment(self) -> Segment:
        return Segment(
            SegmentKey(self._partition, self._start_ms, self._open_number),
            self.last_offset,
            tuple(self._open_ids),
            tuple((series, counts.freeze()) for series, counts in sorted(self._open.items())),
        )

    def _counts(self, series: Series) -> Counts:
        counts = self._open.get(series)
        if counts is None:
            counts = self._open[series] = Counts()
            self._open_bytes += tally_bytes(series)
        return counts

    def _is_full(self) -> bool:
        """The same before and after a restart: it goes by what the segment holds."""
        return len(self._open_ids) >= self._max_segment_ids or self._open_bytes >= _FULL_BYTES

    def _close_if_full(self) -> None:
        if self._is_full():
            self._close()

    def _close(self) -> None:
        if not self._open_ids:
            return
        for series, counts in self._open.items():
            self._full[series].merge(counts.freeze())
        self._open.clear()
        self._open_bytes = 0
        self._open_ids = []
        self._open_number += 1
