"""A judge on Amazon Bedrock: Converse with a forced tool, or a schema, as the model allows."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.adapters.bedrock.calling import Caller, Ended
from plimsoll.adapters.bedrock.models import ModelRow, ModelTable
from plimsoll.adapters.bedrock.refusals import CODE, narrow
from plimsoll.adapters.bedrock.replies import to_reply
from plimsoll.adapters.bedrock.requests import Prepared, prepare
from plimsoll.domain.absence import Absence
from plimsoll.domain.judging import JudgeCall, JudgeReply, JudgeTraits
from plimsoll.ports.telemetry import Telemetry
from plimsoll.settings.judges import BedrockSettings, ServiceTier

_MOST_REMEMBERED = 64
# The table has list prices of the default tier; flex costs less, so that they bound it.
_DEARER = frozenset({ServiceTier.PRIORITY, ServiceTier.RESERVED})


class BedrockJudge:
    """A `JudgeModel` with a client and threads of its own; made on the loop that uses it."""

    def __init__(
        self, name: str, settings: BedrockSettings, table: ModelTable, telemetry: Telemetry
    ) -> None:
        self._caller = Caller(name, settings, telemetry)
        self._settings = settings
        self._table = table
        self._known: dict[str, tuple[ModelRow, JudgeTraits]] = {}

    @property
    def abandoned(self) -> int:
        """Threads under way that nobody waits for."""
        return self._caller.abandoned

    def traits(self, model: str) -> JudgeTraits:
        """From the table of models."""
        return self._about(model)[1]

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """One call of Converse."""
        row, traits = self._about(call.model)
        prepared = prepare(call, row, self._settings.service_tier, self._settings.cache_ttl)
        converse = self._caller.connection.runtime.converse
        end = await self._caller.call(converse, prepared.arguments, deadline_s)
        if isinstance(end, Ended):
            return self._without_answer(end, prepared)
        return to_reply(end.answer, prepared, traits.price, end.latency)

    async def close(self) -> None:
        """Takes no more calls; those under way end by their time-outs."""
        self._caller.close()

    def _about(self, model: str) -> tuple[ModelRow, JudgeTraits]:
        found = self._known.get(model)
        if found is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            found = self._known[model] = (self._table.row(model), self._traits(model))
        return found

    def _traits(self, model: str) -> JudgeTraits:
        """Without a price where a tier is asked for that costs more than the table says."""
        traits, tier = self._table.traits(model), self._settings.service_tier
        dearer = tier in _DEARER and tier.value in self._table.row(model).tiers
        return replace(traits, price=None) if dearer else traits

    def _without_answer(self, end: Ended, prepared: Prepared) -> JudgeReply:
        outcome = end.absence
        if end.code == CODE:
            narrowed = narrow(end.message, prepared.sent, self._table)
            if not isinstance(narrowed, Absence):
                raise narrowed
            outcome = narrowed
        return JudgeReply(
            outcome,
            usage=end.usage,
            latency=end.latency,
            request_id=end.request_id,
            dropped=prepared.dropped,
        )
