"""How many alternatives do throughout what the delivered code does."""

from __future__ import annotations

from plimsoll.domain.metric import Family, MetricSpec, Need
from plimsoll.metrics.code_behaviour import Behaviour
from plimsoll.metrics.code_comparing import ComparesBehaviour


class BehaviourAgreement(ComparesBehaviour):
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

    def number(self, behaviour: Behaviour) -> tuple[float, float]:
        """The share in [0, 1], twice."""
        delivered, *others = behaviour.signatures()
        share = sum(signature == delivered for signature in others) / len(others)
        return share, share
