"""Share of the response's equalities between quantities with units that hold."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.reading import normal_form
from plimsoll.metrics.units import claimed_equal

MAX_CHARS = 1_000_000
MAX_EVIDENCE = 16


class UnitConsistency:
    """Quantities that are said to be equal (`5 km = 5,000 m`, `26 miles (42 km)`) and are.

    In the same dimension, and within the last written place, 1 %, or for a rough conversion 5 %.
    Common units of length, mass, time, volume, area, speed, energy and temperature.
    """

    spec = MetricSpec(
        name="unit_consistency",
        version="1",
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
        text = result.response.text
        if len(text) > MAX_CHARS:
            detail = f"{len(text)} characters, {MAX_CHARS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        found = claimed_equal(text) if normal_form(result) != "code" else []
        if not found:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response equates no quantities")
        wrong = [claim for claim in found if not claim.holds]
        return Measurement(
            value=1.0 - len(wrong) / len(found),
            raw_value=float(len(wrong)),
            evidence=tuple(
                Evidence(
                    kind="false_conversion",
                    ref="response.text",
                    start=claim.start,
                    end=claim.end,
                    text=text[claim.start : claim.end][:200],
                )
                for claim in wrong[:MAX_EVIDENCE]
            ),
            provenance=(("equalities", str(len(found))),),
        )
