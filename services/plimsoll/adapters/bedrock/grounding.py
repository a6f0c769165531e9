"""Contextual grounding by a guardrail of Bedrock: scores, without blocking anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from plimsoll.adapters.bedrock.calling import Caller, Ended
from plimsoll.adapters.bedrock.faults import request_id_of
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.grounding import unfit
from plimsoll.domain.judging import NOTHING_USED, GroundingCall, GroundingReply
from plimsoll.ports.telemetry import Telemetry
from plimsoll.settings.judges import BedrockSettings


class BedrockGrounding:
    """A `GroundingCheck` by ApplyGuardrail; its guardrail needs a contextual grounding policy.

    The policy's action is NONE where nothing is to be blocked; scores come either way.
    """

    def __init__(self, settings: BedrockSettings, telemetry: Telemetry) -> None:
        self._caller = Caller("grounding", settings, telemetry)
        self._guardrail = {
            "guardrailIdentifier": settings.guardrail_id,
            "guardrailVersion": settings.guardrail_version,
        }

    async def check(self, call: GroundingCall, deadline_s: float) -> GroundingReply:
        """One call of ApplyGuardrail; `input_too_large` above its limits, which cuts nothing."""
        missing = unfit(call)
        if missing is not None:
            return GroundingReply(missing, missing, units=0)
        apply = self._caller.connection.runtime.apply_guardrail
        arguments = {**self._guardrail, **_content(call)}
        end = await self._caller.call(apply, arguments, deadline_s)
        if isinstance(end, Ended):
            return GroundingReply(
                end.absence,
                end.absence,
                units=0 if end.usage == NOTHING_USED else None,
                latency=end.latency,
                request_id=end.request_id,
            )
        return _to_reply(end.answer, end.latency)

    async def close(self) -> None:
        """Takes no more calls."""
        self._caller.close()


def _content(call: GroundingCall) -> dict[str, Any]:
    parts = [(text, "grounding_source") for text in call.sources if text]
    parts += [(call.query, "query"), (call.response, "guard_content")]
    return {
        "source": "OUTPUT",
        "outputScope": "FULL",
        "content": [{"text": {"text": text, "qualifiers": [kind]}} for text, kind in parts],
    }


def _to_reply(answer: Mapping[str, Any], latency: timedelta) -> GroundingReply:
    scores: dict[str, list[float]] = {"GROUNDING": [], "RELEVANCE": []}
    for found in answer.get("assessments") or ():
        policy = found.get("contextualGroundingPolicy") or {}
        for entry in policy.get("filters") or ():
            kind, score = entry.get("type"), entry.get("score")
            if kind in scores and isinstance(score, int | float) and 0.0 <= score <= 1.0:
                scores[kind].append(float(score))
    units = (answer.get("usage") or {}).get("contextualGroundingPolicyUnits")
    return GroundingReply(
        grounding=_only(scores["GROUNDING"], "GROUNDING"),
        relevance=_only(scores["RELEVANCE"], "RELEVANCE"),
        units=units if isinstance(units, int) and units >= 0 else None,
        latency=latency,
        request_id=request_id_of(answer),
    )


def _only(scores: list[float], kind: str) -> float | Absence:
    """The lowest, should a text be assessed in parts; the guardrail may have no such filter."""
    known = [score for score in scores if math.isfinite(score)]
    if known:
        return min(known)
    return Absence(AbsenceReason.NOT_CONFIGURED, f"the guardrail gave no {kind} score")
