"""How many alternatives do throughout what the delivered code does."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.code_behaviour import behaviour_of
from plimsoll.metrics.code_running import UsesSandbox


class BehaviourAgreement(UsesSandbox):
    """Share of alternatives with the delivered code's outputs on every input (hard agreement)."""

    spec = MetricSpec(
        name="behaviour_agreement",
        version="1",
        family=Family.CODE,
        summary="Share of alternatives whose code does the same on every shared input.",
        needs=(Need.CODE, Need.ALTERNATIVES, Need.SANDBOX),
        source="after CodeT, arXiv:2207.10397",
        raw_scale="share of alternatives",
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
        delivered, *others = behaviour.signatures()
        share = sum(signature == delivered for signature in others) / len(others)
        return Measurement(
            value=share,
            raw_value=share,
            evidence=(behaviour.evidence(),),
            provenance=behaviour.provenance,
            flags=behaviour.flags,
        )
