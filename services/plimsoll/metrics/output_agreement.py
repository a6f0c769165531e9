"""How often the delivered code gives the output that its alternatives give."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.code_behaviour import agreement, behaviour_of
from plimsoll.metrics.code_running import UsesSandbox


class OutputAgreement(UsesSandbox):
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

    def work(self, result: LlmResult) -> int:
        """A start of the sandbox for each program."""
        return self.steps(1 + len(result.alternatives))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        behaviour = behaviour_of(result, subject, sandbox)
        if isinstance(behaviour, Absence):
            return behaviour
        shares = [agreement(behaviour.delivered, other) for other in behaviour.others]
        value = min(1.0, math.fsum(sorted(shares)) / len(shares))
        return Measurement(
            value=value,
            raw_value=value,
            evidence=(behaviour.evidence(),),
            provenance=behaviour.provenance,
            flags=behaviour.flags,
        )
