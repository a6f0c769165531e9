"""The alarm when two corrections contradict each other."""

from __future__ import annotations

import pytest

from plimsoll.calibration.judges.alarm import Disagreement, disagreement
from plimsoll.calibration.judges.rates import Counts
from plimsoll.calibration.judges.stream import Passes
from plimsoll.domain.absence import Absence, AbsenceReason

MEASURED = Counts(180, 20, 60, 140)


def test_corrections_that_agree_do_not_alarm() -> None:
    """At a rate of .5 with sens .9 and spec .7, .6 pass: both corrections say .5."""
    found = disagreement(Passes(6_000, 10_000), MEASURED, Counts(90, 10, 30, 70))
    assert isinstance(found, Disagreement)
    assert abs(found.distance) < 0.5
    assert not found.alarm


def test_a_judge_that_has_become_lenient_alarms() -> None:
    """It passes half of the wrong ones now: measured rates say too many are right."""
    found = disagreement(Passes(7_000, 10_000), MEASURED, Counts(90, 10, 50, 50))
    assert isinstance(found, Disagreement)
    assert found.distance > 2
    assert found.alarm


def test_an_audit_of_another_stream_alarms() -> None:
    """Nine in ten were right when the audit was drawn, and half are now."""
    found = disagreement(Passes(6_000, 10_000), MEASURED, Counts(162, 18, 6, 14))
    assert isinstance(found, Disagreement)
    assert found.distance < -2
    assert found.alarm


@pytest.mark.parametrize(
    ("measured", "audit", "reason"),
    [
        (Counts(50, 50, 50, 50), MEASURED, AbsenceReason.JUDGE_UNINFORMATIVE),
        (Counts(), MEASURED, AbsenceReason.INPUT_MISSING),
        (MEASURED, Counts(4, 0, 0, 5), AbsenceReason.INSUFFICIENT_SAMPLES),
    ],
)
def test_what_cannot_be_compared_is_an_absence(
    measured: Counts, audit: Counts, reason: AbsenceReason
) -> None:
    """A coin, a judge without labels and a tiny audit neither alarm nor say that all is well."""
    found = disagreement(Passes(5, 10), measured, audit)
    assert isinstance(found, Absence)
    assert found.reason is reason
