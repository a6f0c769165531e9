"""What a panel of jurors says together: votes, mean, dispersion, and how many count."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.verdicts import JurorVerdict


class Preference(StrEnum):
    """Which of two responses a judge prefers, whatever order it saw them in."""

    A = "a"
    B = "b"
    TIE = "tie"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, slots=True)
class Tally:
    """A panel's votes; mean and dispersion (standard deviation) are of values in [0, 1].

    `mean` is None where nobody answered, `dispersion` where fewer than two did.
    """

    asked: int
    answered: int
    passed: int
    failed: int
    mean: float | None
    dispersion: float | None


def tally(verdicts: Sequence[JurorVerdict]) -> Tally:
    """Counts a panel; ValueError where a juror stands in it twice.

    Samples and perturbations of one juror are one verdict (see `expectation`), not several votes.
    """
    twice = [judge for judge, times in Counter(v.judge for v in verdicts).items() if times > 1]
    if twice:
        raise ValueError(f"{twice[0].model} stands in the panel twice; join its samples first")
    values = sorted(verdict.value for verdict in verdicts if verdict.value is not None)
    passed = sum(verdict.passed is True for verdict in verdicts)
    mean = math.fsum(values) / len(values) if values else None
    return Tally(
        asked=len(verdicts),
        answered=len(values),
        passed=passed,
        failed=len(values) - passed,
        mean=mean,
        dispersion=_deviation(values, mean),
    )


def both_orders(first: Preference | Absence, second: Preference | Absence) -> Preference | Absence:
    """One judge's preference from both orders, each mapped back to the responses' own names.

    It prefers a response only if it does so in both; a tie is a tie in both. Anything else is
    `inconsistent`, which is not a tie: it says that the order decided. A missing order is missing.
    """
    if isinstance(first, Absence):
        return first
    if isinstance(second, Absence):
        return second
    return first if first == second else Preference.INCONSISTENT


def preference_value(preference: Preference | Absence) -> float | Absence:
    """The value of response A: 1 if preferred, 0 if the other is, 0.5 for a tie."""
    if isinstance(preference, Absence):
        return preference
    if preference is Preference.INCONSISTENT:
        return Absence(AbsenceReason.ABSTAINED, "the judge's preference turns with the order")
    return {Preference.A: 1.0, Preference.B: 0.0}.get(preference, 0.5)


def _deviation(values: Sequence[float], mean: float | None) -> float | None:
    if mean is None or len(values) < 2:
        return None
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
