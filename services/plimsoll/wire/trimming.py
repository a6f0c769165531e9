"""Keeps scored events under their limit: what is cut depends on the content alone."""

from __future__ import annotations

from plimsoll.v1 import common_pb2, score_pb2

# What an observation may take of the limit; at most a quarter of it. A fixed share, so that what is
# cut from the content does not depend on how the scoring went.
_OBSERVATION_BYTES = 8_192
# A text longer than this is cut where the event is over its limit.
_SHORT_CHARS = 64
# Models and their like name something: half a name is another's. One that is longer than any real
# name (a provider's longest resource names have some 200) is left out whole.
_NAME_CHARS = 256
_GEN_AI_NAMES = (
    "provider_name",
    "request_model",
    "response_model",
    "response_id",
    "output_type",
)


def observation_bytes(max_bytes: int) -> int:
    """What of an event's limit is kept for its observation."""
    return min(_OBSERVATION_BYTES, max_bytes // 4)


def trimmed(message: score_pb2.ScoredResult, max_bytes: int) -> bytes:
    """The content's bytes: evidence is cut first, then details, then texts that only describe.

    Where claims lose their marks, what was promised of them is taken back.

    IDs are never cut: half an ID is another one. Where they alone are over the limit, so are the
    bytes. Names of models, providers and responses are whole or not there. The message is cut in
    place.
    """
    content = message.SerializeToString(deterministic=True)
    if len(content) <= max_bytes:
        return content
    message.evidence_trimmed = True
    for cut in (_shorten_evidence, _drop_evidence, _drop_details, _shorten_descriptions):
        cut(message)
        content = message.SerializeToString(deterministic=True)
        if len(content) <= max_bytes:
            break
    return content


def _shorten_evidence(message: score_pb2.ScoredResult) -> None:
    for score in message.scores:
        for evidence in score.evidence:
            evidence.text = evidence.text[:_SHORT_CHARS]


def _drop_evidence(message: score_pb2.ScoredResult) -> None:
    for score in message.scores:
        score.ClearField("evidence")


def _drop_details(message: score_pb2.ScoredResult) -> None:
    for score in message.scores:
        if score.HasField("absence"):
            score.absence.detail = score.absence.detail[:_SHORT_CHARS]
        score.ClearField("provenance")
        score.ClearField("flags")
        if score.HasField("claim_filter"):
            _take_promise_back(score.claim_filter)
    if message.confidence.HasField("absence"):
        absence = message.confidence.absence
        absence.detail = absence.detail[:_SHORT_CHARS]


def _take_promise_back(claims: score_pb2.ClaimFilter) -> None:
    """All marks or none: a claim that has lost its own reads as one that is not kept."""
    if claims.HasField("promise"):
        claims.ClearField("claims")
        claims.absence.reason = common_pb2.ABSENCE_REASON_TRUNCATED
        claims.absence.detail = "the scored event is too long for marks of claims"
    elif claims.HasField("absence"):
        claims.absence.detail = claims.absence.detail[:_SHORT_CHARS]


def _shorten_descriptions(message: score_pb2.ScoredResult) -> None:
    message.language = message.language[:_SHORT_CHARS]
    if message.HasField("gen_ai"):
        for name in _GEN_AI_NAMES:
            if len(getattr(message.gen_ai, name)) > _NAME_CHARS:
                setattr(message.gen_ai, name, "")
    for score in message.scores:
        if score.strength.HasField("unmeasured"):
            score.strength.unmeasured = score.strength.unmeasured[:_SHORT_CHARS]
    if message.HasField("decision"):
        decision = message.decision
        decision.condition = decision.condition[:_SHORT_CHARS]
