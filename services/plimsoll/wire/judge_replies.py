"""Replies of judges as a memo keeps them, and the digest of a question that finds them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeCall, JudgeReply, JudgeUsage, Parameter
from plimsoll.domain.result import LogprobOrigin, Tokens

_QUESTION = b"plimsoll.judge.1\x00"
_MICROSECOND = timedelta(microseconds=1)


def question_digest(provider: str, call: JudgeCall) -> str:
    """SHA-256, hexadecimal, of all that may change the answer; `metadata` cannot.

    `provider` tells apart models that bear one name in two places. What the material holds of
    chance, as a nonce, is part of it: whoever asks must make that from the result.
    """
    asked = asdict(call)
    del asked["metadata"]
    if not call.before:
        # As before there were turns: what was paid for then is found again.
        del asked["before"]
    text = json.dumps([provider, asked], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(_QUESTION + text.encode()).hexdigest()


def encode_reply(reply: JudgeReply) -> bytes:
    """A reply as JSON; the verdict's properties keep their order.

    ValueError where the verdict holds what JSON cannot (NaN, infinities).
    """
    absence = reply.absence
    kept: dict[str, Any] = {
        "verdict": reply.verdict,
        "absence": None if absence is None else [absence.reason.value, absence.detail],
        "stop_reason": reply.stop_reason,
        "usage": asdict(reply.usage),
        "cost_usd": reply.cost_usd,
        "latency_us": reply.latency // _MICROSECOND,
        "service_tier": reply.service_tier,
        "request_id": reply.request_id,
        "dropped": [parameter.value for parameter in reply.dropped],
        "tokens": None if reply.tokens is None else asdict(reply.tokens),
    }
    return json.dumps(kept, separators=(",", ":"), allow_nan=False).encode()


def decode_reply(data: bytes) -> JudgeReply:
    """What `encode_reply` wrote."""
    kept = json.loads(data)
    absence = kept["absence"]
    outcome: Mapping[str, object] | Absence = kept["verdict"]
    if absence is not None:
        outcome = Absence(AbsenceReason(absence[0]), absence[1])
    return JudgeReply(
        outcome,
        stop_reason=kept["stop_reason"],
        usage=JudgeUsage(**kept["usage"]),
        cost_usd=kept["cost_usd"],
        latency=kept["latency_us"] * _MICROSECOND,
        service_tier=kept["service_tier"],
        request_id=kept["request_id"],
        dropped=tuple(Parameter(name) for name in kept["dropped"]),
        tokens=None if kept["tokens"] is None else _tokens(kept["tokens"]),
    )


def _tokens(kept: dict[str, Any]) -> Tokens:
    return Tokens(
        logprobs=tuple(kept["logprobs"]),
        texts=tuple(kept["texts"]),
        top_k=kept["top_k"],
        top_counts=tuple(kept["top_counts"]),
        top_logprobs=tuple(kept["top_logprobs"]),
        top_texts=tuple(kept["top_texts"]),
        origin=LogprobOrigin(kept["origin"]),
        model=kept["model"],
    )
