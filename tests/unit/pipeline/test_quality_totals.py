"""What a reader makes of the versions of windows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.quality import QualityWindow, Series, Tally
from plimsoll.domain.result import TaskKind
from plimsoll.pipeline.quality_totals import merge_windows
from tests.support.scored_events import at_ms

SERIES = Series("default", "m-1", TaskKind.OPEN_QA, "confidence")
HALF = Tally(1, (), 0.5, 0.25, ((50, 1),))


def version(last_offset: int, tally: Tally = HALF, partition: int = 0) -> QualityWindow:
    """One version of the first minute."""
    return QualityWindow(SERIES, at_ms(0), at_ms(60_000), partition, last_offset, tally)


def test_the_highest_offset_replaces_the_others() -> None:
    """A version that comes late with a lower offset is ignored."""
    (total,) = merge_windows([version(3), version(7, Tally(2)), version(5, Tally(9))])
    assert total.tally.count == 2


def test_of_equal_offsets_the_later_record_counts() -> None:
    """The log's order decides between versions of one offset."""
    (total,) = merge_windows([version(3), version(3, Tally(2))])
    assert total.tally.count == 2


def test_source_partitions_add_up() -> None:
    """One total for a window over all partitions, with its mean and quantiles."""
    (total,) = merge_windows([version(3), version(3, partition=1)])
    assert (total.tally.count, total.mean) == (2, 0.5)
    assert total.quantile(0.5) == pytest.approx(0.505)


def test_windows_and_series_stay_apart() -> None:
    """In the order of time, then of series."""
    later = replace(version(1), start_time=at_ms(60_000))
    other = replace(version(1), series=SERIES._replace(metric="a"))
    assert [(t.start_time, t.series.metric) for t in merge_windows([later, version(1), other])] == [
        (at_ms(0), "a"),
        (at_ms(0), "confidence"),
        (at_ms(60_000), "confidence"),
    ]


def test_histograms_of_different_widths_are_refused() -> None:
    """Their bins do not mean the same."""
    with pytest.raises(ValueError, match="different widths"):
        merge_windows([version(1), replace(version(1, partition=1), bins=10)])
