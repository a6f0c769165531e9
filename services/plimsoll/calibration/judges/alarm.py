"""Whether the two corrections of a stream's pass rate contradict each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from plimsoll.calibration.judges.prediction_powered import MIN_AUDIT, rectified
from plimsoll.calibration.judges.rates import Counts
from plimsoll.calibration.judges.stream import (
    Passes,
    adjusted_passes,
    adjusted_sensitivity,
    adjusted_specificity,
    cannot_correct,
)
from plimsoll.domain.absence import Absence, AbsenceReason

_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How far the corrections lie apart: standard errors (signed), and P(so far by chance).

    Above 0 the labels on which the judge was measured make the stream better than the audit does.
    """

    distance: float
    p_value: float
    size: float

    @property
    def alarm(self) -> bool:
        """Whether chance explains it in fewer than `size` of all cases."""
        return self.p_value < self.size


def disagreement(
    passes: Passes, measured: Counts, audit: Counts, size: float = 0.05
) -> Disagreement | Absence:
    """Tests Rogan-Gladen against prediction-powered inference on one stream.

    The first fails when the judge has changed since it was measured, the second when the audit
    was not drawn from this stream; whoever sees the alarm has to find out which. `measured` and
    `audit` share no item. It compares p + spec - 1 with (sens + spec - 1) times the audit's rate,
    which is the same question without dividing by what may be near 0.
    """
    refused = cannot_correct(measured)
    if refused is not None:
        return refused
    if audit.right + audit.wrong < MIN_AUDIT:
        items = f"{audit.right + audit.wrong:g} audited, needs {MIN_AUDIT}"
        return Absence(AbsenceReason.INSUFFICIENT_SAMPLES, items)
    p, part = adjusted_passes(passes, _Z), rectified(passes, audit)
    sens, spec = adjusted_sensitivity(measured), adjusted_specificity(measured)
    gain = sens.rate + spec.rate - 1.0
    rate = min(1.0, max(0.0, part.power * p.rate + part.rest))
    difference = p.rate + spec.rate - 1.0 - gain * rate
    variance = (
        (1.0 - gain * part.power) ** 2 * p.variance
        + (1.0 - rate) ** 2 * spec.variance
        + rate**2 * sens.variance
        + gain**2 * part.variance
    )
    distance = difference / math.sqrt(variance)
    return Disagreement(distance, 2.0 * NormalDist().cdf(-abs(distance)), size)
