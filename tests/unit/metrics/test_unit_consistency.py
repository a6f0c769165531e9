"""Quantities with units that are said to be equal."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.unit_consistency import UnitConsistency
from plimsoll.metrics.units import claimed_equal
from tests.unit.metrics.grounded import cut_out, reason
from tests.unit.metrics.results import result


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("5 km = 5,000 m", [True]),
        ("5 km = 500 m", [False]),
        ("3 kg + 200 g = 3.2 kg", [True]),
        ("3 kg - 200 g = 2.9 kg", [False]),
        ("1 hour equals 60 minutes, 2 days are equal to 47 hours", [True, False]),
        ("26 miles (42 km)", [True]),
        ("26 miles (about 52 km)", [False]),
        ("100 \u00b0C (212 \u00b0F)", [True]),
        ("100 \u00b0C = 200 \u00b0F", [False]),
        ("5 km = 3 kg", [False]),
        ("3 kg + 2 m = 5 kg", [False]),
        ("100 km/h \u2248 62 mph", [True]),
        ("1 km = 1000 m = 100000 cm", [True, True]),
        ("10 km (2 hours)", []),
        ("5 * 35 inches = 175 inches", []),
        ("35 inches = 5 inches * 7", []),
        ("20 minutes per day times 5 days = 100 minutes", []),
        ("308 minutes is equal to 5 hours and 8 minutes", [True]),
        ("309 minutes is equal to 5 hours and 18 minutes", [False]),
        ("He is 6 feet 1 inch (185 cm) tall.", [True]),
        ("5 km and 3 kg", []),
        ("5 apples = 5 pears", []),
    ],
)
def test_equalities_are_worked_out(text: str, holds: list[bool]) -> None:
    """Sums, conversions and chains; other dimensions are never equal, and in brackets not meant."""
    assert [claim.holds for claim in claimed_equal(text)] == holds


def test_the_share_and_the_offsets_of_what_does_not_hold() -> None:
    """One of two holds; evidence cuts the other out."""
    text = "\U0001d518 2 m = 200 cm and 2 m = 20 cm."
    score = evaluate(UnitConsistency(), result(text))
    assert score.value == 0.5
    assert cut_out(score, "false_conversion", text) == ["2 m = 20 cm"]


def test_without_an_equality_there_is_no_number() -> None:
    """It is not applicable."""
    assert reason(evaluate(UnitConsistency(), result("5 km"))) is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize("unit", ["5 m = ", "5 m + ", "5 m (", "1,", "5 m-", "1.1.", "9"])
def test_hostile_repetitions_are_read_through(unit: str) -> None:
    """A hundred thousand characters of quantities give no more equalities than there are signs."""
    text = unit * (100_000 // len(unit))
    assert len(claimed_equal(text)) <= text.count("=") + text.count("(")
