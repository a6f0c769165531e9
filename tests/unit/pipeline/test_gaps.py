"""Records that come too early."""

from __future__ import annotations

from plimsoll.pipeline.gaps import Finding, Gap


def test_the_first_early_record_has_its_partition_read_again() -> None:
    """Once; what was fetched before it is left to come again."""
    gap = Gap()
    met = [gap.meet(offset, 0.1 * n) for n, offset in enumerate((9, 10, 11, 12))]
    assert met == [Finding.ASK, Finding.DROP, Finding.DROP, Finding.DROP]


def test_what_is_still_missing_after_a_while_is_asked_for_again() -> None:
    """The stream may have dropped what it read, too."""
    gap = Gap()
    assert [gap.meet(9, 0.0), gap.meet(10, 0.6)] == [Finding.ASK, Finding.ASK]


def test_other_records_first_are_never_taken_for_the_end_of_a_gap() -> None:
    """As long as queues run dry the first to come differs, and nothing counts as gone."""
    gap = Gap()
    met = [gap.meet(offset, float(offset)) for offset in range(9, 40)]
    assert Finding.GONE not in met


def test_the_same_record_first_five_times_ends_the_gap() -> None:
    """Though others follow it each time before the partition is read again."""
    gap, now_s = Gap(), 0.0
    assert gap.meet(9, now_s) is Finding.ASK
    for _ in range(4):
        assert [gap.meet(9, now_s + 0.1), gap.meet(10, now_s + 0.2)] == [Finding.DROP] * 2
        now_s += 1
        assert gap.meet(11, now_s) is Finding.ASK
    assert gap.meet(9, now_s + 0.1) is Finding.GONE
