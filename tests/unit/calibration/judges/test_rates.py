"""What labels say of one judge."""

from __future__ import annotations

import pytest

from plimsoll.calibration.judges.rates import Counts, Standing, counted
from plimsoll.domain.verdicts import LabelledVerdict
from tests.unit.calibration.judges.judges import judge, labelled


def test_labels_become_posteriors() -> None:
    """9 of 10 right ones passed and 7 of 10 wrong ones failed: Beta(10, 2) and Beta(8, 4)."""
    counts = counted(labelled("m", 9, 1, 3, 7))[judge()]
    assert counts == Counts(9, 1, 3, 7)
    assert (counts.sensitivity.a, counts.sensitivity.b) == (10, 2)
    assert (counts.specificity.a, counts.specificity.b) == (8, 4)
    assert counts.standing is Standing.MEASURED


@pytest.mark.parametrize("counts", [Counts(), Counts(right_passed=50), Counts(wrong_failed=50)])
def test_a_judge_without_labels_of_both_kinds_is_unmeasured(counts: Counts) -> None:
    """Neither no labels, nor those of one kind alone, measure a judge."""
    assert counts.standing is Standing.UNMEASURED


@pytest.mark.parametrize("counts", [Counts(50, 50, 50, 50), Counts(20, 80, 80, 20)])
def test_a_coin_and_an_inverted_judge_are_uninformative(counts: Counts) -> None:
    """At sens + spec of 1 a judge says nothing, and below it says the opposite of the truth."""
    assert counts.standing is Standing.UNINFORMATIVE


def test_a_judge_that_agrees_with_itself_and_is_wrong_is_reported_as_unreliable() -> None:
    """Ten identical verdicts on each of 40 items, most against the label, are no reliability."""
    again = [verdict for verdict in labelled("m", 7, 13, 13, 7) for _ in range(10)]
    counts = counted(again)[judge()]
    assert counts == Counts(7, 13, 13, 7)
    assert counts.standing is Standing.UNINFORMATIVE


def test_several_verdicts_on_an_item_weigh_as_one() -> None:
    """Two passes and a fail on one right item are two thirds of a pass, and one item in all."""
    verdicts = [LabelledVerdict(judge(), "i", passed, right=True) for passed in (True, True, False)]
    counts = counted(verdicts)[judge()]
    assert counts.right_passed == pytest.approx(2 / 3)
    assert counts.right == 1.0


def test_an_item_has_one_label() -> None:
    """An item that is labelled right and wrong is refused by name."""
    verdicts = [LabelledVerdict(judge(), "item-7", passed=True, right=r) for r in (True, False)]
    with pytest.raises(ValueError, match="item-7"):
        counted(verdicts)
