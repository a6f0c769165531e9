"""Scored events: the value, its digest, its limit and its headers."""

from __future__ import annotations

from collections.abc import Callable

from google.protobuf.message import DecodeError

from plimsoll.domain.confidence import Estimate
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.record import Headers, OutRecord
from plimsoll.domain.scored import ScoredResult
from plimsoll.v1 import score_pb2
from plimsoll.wire.digests import content_digest
from plimsoll.wire.headers import (
    ABSENCE,
    CE_ID,
    CE_SOURCE,
    CE_SPECVERSION,
    CE_TIME,
    CE_TYPE,
    CONFIDENCE,
    CONTENT_TYPE,
    LOWER_BOUND,
    REVISION,
    SCORED_TYPE,
    TRACEPARENT,
    VERDICT,
)
from plimsoll.wire.scored_messages import content_to_proto, scored_to_proto, write_observation
from plimsoll.wire.scored_values import scored_from_proto
from plimsoll.wire.sealing import Seal, seal_evidence, sealing_bytes
from plimsoll.wire.trimming import observation_bytes, trimmed

__all__ = [
    "decode_scored",
    "encode_erased",
    "encode_scored",
    "scored_from_proto",
    "scored_to_proto",
]

# Bytes of a message's content, at most so many.
_Content = Callable[[score_pb2.ScoredResult, int], bytes]

_COMMON: Headers = (
    (CONTENT_TYPE, b"application/protobuf"),
    (CE_SPECVERSION, b"1.0"),
    (CE_TYPE, SCORED_TYPE.encode()),
    (CE_SOURCE, b"plimsoll/scorer"),
)
_TOO_LONG_IDS = "the scored event has {} bytes of IDs, which are never cut"


def decode_scored(value: bytes) -> ScoredResult:
    """Reads a scored event's value; PoisonError where the bytes are none."""
    try:
        message = score_pb2.ScoredResult.FromString(value)
    except DecodeError as error:
        raise PoisonError("undecodable", f"not a ScoredResult: {error}") from error
    if not message.result_id or not message.score_id:
        raise PoisonError("missing_field", "a ScoredResult without result_id or score_id")
    try:
        return scored_from_proto(message)
    except ValueError as error:
        raise PoisonError("bad_value", str(error)) from error


def encode_scored(
    scored: ScoredResult, topic: str, max_bytes: int, seal: Seal | None = None
) -> OutRecord:
    """The event of a scored result, at most `max_bytes` long, with its content digest.

    `seal` encrypts its evidence; without it that stands in clear. PoisonError only where the
    result's own IDs are longer than the limit.
    """
    return _event(scored, topic, max_bytes, _clear if seal is None else _sealing(seal))


def encode_erased(scored: ScoredResult, topic: str, max_bytes: int) -> OutRecord:
    """The same of a result that was erased: it has no evidence, and says why."""
    return _event(scored, topic, max_bytes, _sealing(None))


def _event(scored: ScoredResult, topic: str, max_bytes: int, content_of: _Content) -> OutRecord:
    reserved = observation_bytes(max_bytes)
    content = content_of(content_to_proto(scored), max_bytes - reserved)
    rest = score_pb2.ScoredResult(content_digest=content_digest(content))
    if scored.observation is not None:
        write_observation(rest.observation, scored.observation)
        if rest.ByteSize() > reserved:
            rest.observation.ClearField("metrics")
    # Bytes of two messages in a row are one message with the fields of both.
    value = content + rest.SerializeToString()
    if len(value) > max_bytes:
        raise PoisonError("unpublishable", _TOO_LONG_IDS.format(len(value)), key=scored.key)
    return OutRecord(topic, scored.key.encode(), value, _headers(scored))


def _clear(message: score_pb2.ScoredResult, max_bytes: int) -> bytes:
    return trimmed(message, max_bytes)


def _sealing(seal: Seal | None) -> _Content:
    def content_of(message: score_pb2.ScoredResult, max_bytes: int) -> bytes:
        trimmed(message, max_bytes - sealing_bytes(len(message.scores)))
        seal_evidence(message, seal)
        return message.SerializeToString(deterministic=True)

    return content_of


def _headers(scored: ScoredResult) -> Headers:
    own: list[tuple[str, bytes]] = [
        (CE_ID, scored.score_id.encode()),
        (REVISION, str(scored.revision).encode()),
    ]
    outcome = scored.confidence.outcome
    if isinstance(outcome, Estimate):
        own.append((CONFIDENCE, repr(outcome.point).encode()))
        own.append((LOWER_BOUND, repr(outcome.interval.lower).encode()))
    else:
        own.append((ABSENCE, outcome.reason.value.encode()))
    if scored.decision is not None:
        own.append((VERDICT, scored.decision.verdict.value.encode()))
    observed = scored.observation
    if observed is not None:
        own.append((CE_TIME, observed.score_time.isoformat().encode()))
        if observed.traceparent:
            own.append((TRACEPARENT, observed.traceparent.encode()))
    return (*_COMMON, *own)
