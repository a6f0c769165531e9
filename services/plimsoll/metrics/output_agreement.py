"""How often the delivered code gives the output that its alternatives give."""

from __future__ import annotations

import math

from plimsoll.domain.metric import Family, MetricSpec, Need
from plimsoll.metrics.code_behaviour import Behaviour, agreement
from plimsoll.metrics.code_comparing import ComparesBehaviour


class OutputAgreement(ComparesBehaviour):
    """Mean over inputs and alternatives of whether the outputs are equal (soft agreement).

    The inputs are those that the request and its tests show, and others drawn by the parameters'
    types. Outputs are compared in canonical form, errors by their type. Code that cannot be
    loaded agrees with nothing. It cannot see errors that all alternatives share.
    """

    spec = MetricSpec(
        name="output_agreement",
        version="1",
        family=Family.CODE,
        summary="How often the code and its alternatives give equal outputs on shared inputs.",
        needs=(Need.CODE, Need.ALTERNATIVES, Need.SANDBOX),
        source="after CodeT, arXiv:2207.10397",
        raw_scale="share of equal outputs",
    )

    def number(self, behaviour: Behaviour) -> tuple[float, float]:
        """The share in [0, 1], twice."""
        shares = [agreement(behaviour.delivered, other) for other in behaviour.others]
        value = min(1.0, math.fsum(sorted(shares)) / len(shares))
        return value, value
