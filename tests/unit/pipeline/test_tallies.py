"""Counting outcomes and reading them back."""

from __future__ import annotations

import math

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.quality import BINS, Tally
from plimsoll.pipeline.tallies import Counts, added, mean, quantile


def tally_of(*outcomes: float | Absence) -> Tally:
    """A tally of these."""
    counts = Counts()
    for outcome in outcomes:
        counts.add(outcome)
    return counts.freeze()


def test_values_and_absences_are_counted_apart() -> None:
    """The count holds both; sums and the histogram hold values only."""
    tally = tally_of(0.25, Absence(AbsenceReason.THROTTLED), 0.5)
    assert tally == Tally(3, ((AbsenceReason.THROTTLED, 1),), 0.75, 0.3125, ((25, 1), (50, 1)))


@pytest.mark.parametrize(("value", "index"), [(0.0, 0), (1.0, BINS - 1), (0.999, BINS - 1)])
def test_the_last_bin_is_closed(value: float, index: int) -> None:
    """0 falls into the first bin and 1 into the last."""
    assert tally_of(value).histogram == ((index, 1),)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_is_an_absence(value: float) -> None:
    """It never reaches a sum, which it would spoil for good."""
    assert tally_of(0.5, value) == Tally(
        2, ((AbsenceReason.INTERNAL_ERROR, 1),), 0.5, 0.25, ((50, 1),)
    )


def test_tallies_add_up() -> None:
    """The sum of two tallies is the tally of both."""
    left, right = tally_of(0.5, Absence(AbsenceReason.THROTTLED)), tally_of(0.5, 0.25)
    both = tally_of(0.5, Absence(AbsenceReason.THROTTLED), 0.5, 0.25)
    assert added(left, right) == both


def test_the_mean_is_over_values() -> None:
    """An absence does not pull the mean down; without values there is none."""
    assert mean(tally_of(0.5, 1.0, Absence(AbsenceReason.ABSTAINED))) == 0.75
    assert mean(tally_of(Absence(AbsenceReason.ABSTAINED))) is None


@pytest.mark.parametrize("level", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_quantile_is_off_by_one_bin_at_most(level: float) -> None:
    """Against a thousand evenly spread values it is right to a hundredth."""
    tally = tally_of(*(n / 1_000 for n in range(1_000)))
    found = quantile(tally, level)
    assert found is not None
    assert abs(found - level) <= 1 / BINS


def test_no_values_have_no_quantile() -> None:
    """None, never a zero that could be taken for one."""
    assert quantile(tally_of(Absence(AbsenceReason.THROTTLED)), 0.5) is None


def test_a_level_outside_the_unit_interval_is_refused() -> None:
    """A percent instead of a fraction is a mistake."""
    with pytest.raises(ValueError, match="level 95 is not in"):
        quantile(tally_of(0.5), 95)
