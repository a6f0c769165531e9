"""Bounds on P(right) by labelled items that were judged alike."""

from __future__ import annotations

import pytest
from scipy.special import logit

from plimsoll.calibration.judges.alike import Alike, spanned
from plimsoll.calibration.judges.beta import Beta
from plimsoll.domain.score import Interval

EVEN = Beta(5_000, 5_000)


def width(interval: Interval) -> float:
    """On the logit scale."""
    return float(logit(interval.upper) - logit(interval.lower))


def test_many_labels_leave_little_open() -> None:
    """90 % of the right and 30 % of the wrong got these votes: at even odds .75, to .02."""
    found = spanned([Alike(90_000, 100_000, 30_000, 100_000)], EVEN, 0.95)
    assert found.lower < 0.75 < found.upper
    assert found.upper - found.lower < 0.02


def test_fewer_labels_leave_more_open() -> None:
    """A tenth of the labels makes the interval more than twice as wide on the logit scale."""
    many = spanned([Alike(90, 100, 30, 100)], EVEN, 0.95)
    few = spanned([Alike(9, 10, 3, 10)], EVEN, 0.95)
    assert width(few) > 2 * width(many)


def test_votes_that_nobody_got_leave_nearly_everything_open() -> None:
    """Without a label, or without an item judged alike, hardly a value is excluded."""
    for case in (Alike(), Alike(0, 100, 0, 100)):
        found = spanned([case], EVEN, 0.95)
        assert found.lower < 0.03
        assert found.upper > 0.97


def test_more_cases_are_never_narrower() -> None:
    """The interval of two cases holds that of each."""
    cases = [Alike(90, 100, 30, 100), Alike(10, 100, 70, 100)]
    both = spanned(cases, EVEN, 0.95)
    for case in cases:
        alone = spanned([case], EVEN, 0.95)
        assert both.lower <= alone.lower < alone.upper <= both.upper


def test_no_case_is_a_mistake() -> None:
    """There is nothing to bound."""
    with pytest.raises(ValueError, match="at least one"):
        spanned([], EVEN, 0.95)
