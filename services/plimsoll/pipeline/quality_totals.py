"""Reading windows of quality: the last of each source partition, added up over partitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from plimsoll.domain.quality import QualityWindow, Series, Tally
from plimsoll.pipeline.tallies import added, mean, quantile


@dataclass(frozen=True, slots=True)
class WindowTotal:
    """One window of one series over all source partitions."""

    series: Series
    start_time: datetime
    end_time: datetime
    tally: Tally
    bins: int

    @property
    def mean(self) -> float | None:
        """The mean of the values, None where there are none."""
        return mean(self.tally)

    def quantile(self, level: float) -> float | None:
        """The value in [0, 1] below which `level` of the values lie; None where there are none."""
        return quantile(self.tally, level, self.bins)


def merge_windows(records: Iterable[QualityWindow]) -> tuple[WindowTotal, ...]:
    """Totals by window and series, in their order.

    Of several records for one window, series and source partition the one with the highest last
    offset counts, and the later where they are equal. ValueError where histograms do not match.
    """
    newest: dict[tuple[datetime, Series], dict[int, QualityWindow]] = defaultdict(dict)
    for record in records:
        by_partition = newest[record.start_time, record.series]
        held = by_partition.get(record.source_partition)
        if held is None or record.last_offset >= held.last_offset:
            by_partition[record.source_partition] = record
    return tuple(_total(newest[key]) for key in sorted(newest))


def _total(by_partition: dict[int, QualityWindow]) -> WindowTotal:
    # In the order of partitions, so that the same records give the same sums.
    parts = [by_partition[partition] for partition in sorted(by_partition)]
    first = parts[0]
    if any(part.bins != first.bins for part in parts):
        raise ValueError(f"windows of {first.series} have histograms of different widths")
    tally = added(*(part.tally for part in parts))
    return WindowTotal(first.series, first.start_time, first.end_time, tally, first.bins)
