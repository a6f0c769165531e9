"""A guardrail as a judge: asked, remembered, limited and paid for in the same way."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.grounding import GROUNDING, GUARDRAIL, RELEVANCE, UNIT, of_question
from plimsoll.domain.judging import (
    UNKNOWN_USAGE,
    GroundingReply,
    JudgeCall,
    JudgeReply,
    JudgeTraits,
    JudgeUsage,
    Price,
)
from plimsoll.ports.judge import GroundingCheck


class GuardrailJudge:
    """A `JudgeModel` over a check; `name` is the guardrail and its version.

    A text unit counts as 1,000 tokens. `usd_per_1000_units` None is unknown, and so is then every
    cost.
    """

    def __init__(
        self, check: GroundingCheck, name: str, usd_per_1000_units: float | None = None
    ) -> None:
        self._check = check
        self._name = name
        self._usd = None if usd_per_1000_units is None else usd_per_1000_units / 1_000
        price = None if self._usd is None else Price(self._usd, self._usd, as_of="")
        self._traits = JudgeTraits(temperature=False, price=price)

    def traits(self, model: str) -> JudgeTraits:
        """Its price, where the settings know it."""
        del model
        return self._traits

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """One check of what `domain.grounding.as_question` made."""
        reply = await self._check.check(of_question(call), deadline_s)
        units = reply.units
        return JudgeReply(
            self._outcome(reply),
            usage=UNKNOWN_USAGE if units is None else JudgeUsage(units * UNIT, 0, 0, 0),
            cost_usd=None if units is None or self._usd is None else units * self._usd,
            latency=reply.latency,
            request_id=reply.request_id,
        )

    async def close(self) -> None:
        """Closes the check."""
        await self._check.close()

    def _outcome(self, reply: GroundingReply) -> dict[str, object] | Absence:
        scores = {GROUNDING: reply.grounding, RELEVANCE: reply.relevance}
        found = {name: s for name, s in scores.items() if not isinstance(s, Absence)}
        if not found and isinstance(reply.grounding, Absence):
            return reply.grounding
        return {**found, GUARDRAIL: self._name}
