"""Share of the response's equalities between quantities with units that hold."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.equalities import share_that_hold
from plimsoll.metrics.units import claimed_equal

MAX_CHARS = 1_000_000
_NONE = Absence(AbsenceReason.NOT_APPLICABLE, "the response equates no quantities")


class UnitConsistency:
    """Quantities that are said to be equal (`5 km = 5,000 m`, `26 miles (42 km)`) and are.

    In the same dimension, and within the last written place, 1 %, or for a rough conversion 5 %.
    Common units of length, mass, time, volume, area, speed, energy and temperature.
    """

    spec = MetricSpec(
        name="unit_consistency",
        version="2",
        family=Family.VALIDATOR,
        summary="Share of the response's conversions between units that hold.",
        needs=(Need.RESPONSE_TEXT,),
        source="SI and international yard and pound (1959)",
        raw_scale="equalities that do not hold",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response."""
        return 50 + 2 * len(result.response.text)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the equalities that do not hold."""
        share = share_that_hold(result, claimed_equal, MAX_CHARS, "false_conversion", "equalities")
        return share or _NONE
