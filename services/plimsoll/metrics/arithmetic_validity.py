"""Share of the equations that the response writes down which hold."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.equalities import share_that_hold
from plimsoll.metrics.equations import equations

MAX_CHARS = 200_000
_NONE = Absence(AbsenceReason.NOT_APPLICABLE, "the response has no equation of numbers")


class ArithmeticValidity:
    """Equations of numbers alone, such as `12 * 3 = 36`, whose sides are equal.

    In exact fractions, to the last written decimal. It says that the sums are right, not that
    they are the sums to do. In code an equals sign assigns.
    """

    spec = MetricSpec(
        name="arithmetic_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Share of the response's equations that hold.",
        needs=(Need.RESPONSE_TEXT,),
        source="exact rational arithmetic",
        raw_scale="equations that do not hold",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response, and working each equation out a few times."""
        text = result.response.text
        return 50 + len(text) + 500 * (text.count("=") + text.count("\u2248"))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the equations that do not hold."""
        share = share_that_hold(result, equations, MAX_CHARS, "false_equation", "equations")
        return share or _NONE
