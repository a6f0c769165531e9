"""What came back: the answer of Converse as a verdict, or as the absence that its end means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from plimsoll.adapters.bedrock.faults import MALFORMED, request_id_of
from plimsoll.adapters.bedrock.requests import Prepared
from plimsoll.adapters.verdict_text import read_object, read_plain
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError
from plimsoll.domain.judging import JudgeReply, JudgeUsage, Price
from plimsoll.settings.judges import CacheTtl

# What is not here is of a later version of the service: an absence that keeps its name.
STOP_REASONS: Mapping[str, AbsenceReason] = {
    "stop_sequence": AbsenceReason.PARSE_FAILED,
    "max_tokens": AbsenceReason.TRUNCATED,
    "guardrail_intervened": AbsenceReason.CONTENT_FILTERED,
    "content_filtered": AbsenceReason.CONTENT_FILTERED,
    "malformed_model_output": AbsenceReason.PARSE_FAILED,
    "malformed_tool_use": AbsenceReason.PARSE_FAILED,
    "model_context_window_exceeded": AbsenceReason.INPUT_TOO_LARGE,
}
# One more attempt may give what this one did not.
_WORTH_ANOTHER = frozenset({"malformed_model_output", "malformed_tool_use"})
_LONGEST_NAME = 64


def to_reply(
    answer: Mapping[str, Any], prepared: Prepared, price: Price | None, latency: timedelta
) -> JudgeReply:
    """The reply; JudgeFaultError where the answer has no end, or one that is worth another try."""
    stop = answer.get("stopReason")
    if not isinstance(stop, str) or not stop:
        raise _again("malformed answer", AbsenceReason.PROVIDER_ERROR, FaultKind.TRANSIENT)
    stop = stop[:_LONGEST_NAME]
    usage = _usage(answer.get("usage"))
    if stop in _WORTH_ANOTHER:
        raise _again(stop, STOP_REASONS[stop], FaultKind.MODEL_FAULT, usage)
    tier = _tier(answer)
    return JudgeReply(
        outcome=_outcome(stop, answer, prepared),
        stop_reason=stop,
        usage=usage,
        cost_usd=cost(usage, price, prepared.cache_ttl) if tier in {"", "default"} else None,
        latency=latency,
        service_tier=tier,
        request_id=request_id_of(answer),
        dropped=prepared.dropped,
    )


def _again(
    code: str, reason: AbsenceReason, kind: FaultKind, usage: JudgeUsage = MALFORMED.usage
) -> JudgeFaultError:
    return JudgeFaultError(kind, code, MALFORMED.delay, Absence(reason, code), usage)


def _outcome(
    stop: str, answer: Mapping[str, Any], prepared: Prepared
) -> Mapping[str, object] | Absence:
    if stop == "tool_use" and prepared.tool:
        return _of_tool(_blocks(answer), prepared.tool)
    if stop == "end_turn" and not prepared.tool:
        texts = [block["text"] for block in _blocks(answer) if isinstance(block.get("text"), str)]
        read = read_plain if prepared.plain else read_object
        return read("".join(texts), stop)
    if stop in {"tool_use", "end_turn"}:
        return Absence(AbsenceReason.PARSE_FAILED, f"{stop}: no verdict in the form asked for")
    reason = STOP_REASONS.get(stop)
    if reason is None:
        return Absence(AbsenceReason.PROVIDER_ERROR, "the provider names an end that is not known")
    return Absence(reason, stop)


def _blocks(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    output = answer.get("output")
    message = output.get("message") if isinstance(output, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    return [b for b in content if isinstance(b, dict)] if isinstance(content, list) else []


def _of_tool(blocks: list[Mapping[str, Any]], tool: str) -> Mapping[str, object] | Absence:
    """The input of the one call of the tool; of two, neither is the verdict."""
    calls = [block["toolUse"] for block in blocks if isinstance(block.get("toolUse"), dict)]
    inputs = [call.get("input") for call in calls if call.get("name") == tool]
    if len(inputs) != 1 or len(calls) != 1:
        found = f"{len(calls)} calls of tools, {len(inputs)} of the one asked for"
        return Absence(AbsenceReason.PARSE_FAILED, found)
    verdict = inputs[0]
    if not isinstance(verdict, dict):
        return Absence(AbsenceReason.PARSE_FAILED, "the tool's input is no JSON object")
    return verdict


def _usage(found: object) -> JudgeUsage:
    if not isinstance(found, dict):
        return JudgeUsage()

    def count(name: str) -> int | None:
        value = found.get(name)
        return value if isinstance(value, int) and value >= 0 else None

    # The service leaves out what it did not use of its cache.
    counted = count("inputTokens") is not None
    read = count("cacheReadInputTokens")
    written = count("cacheWriteInputTokens")
    return JudgeUsage(
        input_tokens=count("inputTokens"),
        output_tokens=count("outputTokens"),
        cache_read_tokens=0 if counted and "cacheReadInputTokens" not in found else read,
        cache_write_tokens=0 if counted and "cacheWriteInputTokens" not in found else written,
    )


def cost(usage: JudgeUsage, price: Price | None, ttl: CacheTtl) -> float | None:
    """Dollars, or None where a price or a count that it takes is unknown."""
    if price is None:
        return None
    # Keeping for an hour has another price, which the table does not know.
    written = None if ttl is CacheTtl.ONE_HOUR else price.cache_write_usd
    parts = (
        (usage.input_tokens, price.input_usd),
        (usage.output_tokens, price.output_usd),
        (usage.cache_read_tokens, price.cache_read_usd),
        (usage.cache_write_tokens, written),
    )
    total = 0.0
    for tokens, dollars in parts:
        if tokens is None or (tokens and dollars is None):
            return None
        total += tokens * (dollars or 0.0) / 1_000
    return total if math.isfinite(total) else None


def _tier(answer: Mapping[str, Any]) -> str:
    tier = answer.get("serviceTier")
    name = tier.get("type") if isinstance(tier, dict) else None
    return name[:_LONGEST_NAME] if isinstance(name, str) else ""
