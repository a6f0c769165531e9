"""What labels have taught, told of one result."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import ParentRef
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.right_given_parents import RightGivenParents
from plimsoll.ports.tools import Lineage, RightGiven, Tools
from tests.unit.metrics.results import result


class Halves:
    """Results are right half as often as their parents."""

    name, labels = "halves", 60

    def right_given(self, parents: float) -> RightGiven:
        """A half of it, give or take a tenth."""
        return RightGiven(parents / 2, parents / 2 - 0.1, parents / 2 + 0.1)


def of(lineage: Lineage | None, *parents: ParentRef) -> Score:
    """The score of a result with these parents."""
    metric = RightGivenParents.with_tools(Tools(lineage=lineage))
    return evaluate(metric, replace(result(), parents=parents))


def test_it_is_asked_of_the_lower_bound() -> None:
    """Three parents of .9 leave .7: what was learned of that is the value, with its width."""
    found = of(Halves(), *(ParentRef(name, 0.9) for name in "abc"))
    assert found.value == pytest.approx(0.35)
    assert found.raw_value == pytest.approx(0.7)
    assert found.uncertainty == pytest.approx(0.2)
    assert dict(found.provenance) == {"conditional": "halves", "labels": "60", "parents": "3"}


def test_without_labels_or_confidences_there_is_no_number() -> None:
    """Nothing learned is `not_configured`; a parent without a confidence is `input_missing`."""
    reasons = [
        found.absence.reason
        for found in (of(None, ParentRef("a", 0.9)), of(Halves(), ParentRef("a", None)))
        if found.absence
    ]
    assert reasons == [AbsenceReason.NOT_CONFIGURED, AbsenceReason.INPUT_MISSING]
