"""Evidence out of a scored event into one ciphertext, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from google.protobuf.message import DecodeError

from plimsoll.v1 import score_pb2

# From a text and what it is bound to, to a ciphertext; and back, None where it does not open.
Seal = Callable[[bytes, Sequence[bytes]], bytes]
Open = Callable[[bytes, Sequence[bytes]], bytes | None]

_PURPOSE = b"plimsoll.evidence.1"
# What a sealed form is longer than a clear one, at most: tag, fields and lengths of the whole, and
# those of a score. A fixed share, so that what is cut depends on content alone.
_WHOLE_BYTES = 48
_SCORE_BYTES = 16


def sealing_bytes(scores: int) -> int:
    """What of an event's limit is kept for sealing the evidence of so many scores."""
    return _WHOLE_BYTES + _SCORE_BYTES * scores


def seal_evidence(message: score_pb2.ScoredResult, seal: Seal | None) -> None:
    """Moves all evidence into `sealed_evidence`, in place; None leaves it out as erased.

    An event without evidence stays as it is.
    """
    found = score_pb2.EvidenceOfScores()
    for index, score in enumerate(message.scores):
        if score.evidence:
            found.scores.add(index=index, evidence=score.evidence)
            score.ClearField("evidence")
    if not found.scores:
        return
    if seal is None:
        message.evidence_state = score_pb2.EVIDENCE_STATE_ERASED
        return
    text = found.SerializeToString(deterministic=True)
    message.evidence_state = score_pb2.EVIDENCE_STATE_SEALED
    message.sealed_evidence = seal(text, _bound_to(message))


def is_sealed(message: score_pb2.ScoredResult) -> bool:
    """Whether there is a ciphertext to open."""
    return message.evidence_state == score_pb2.EVIDENCE_STATE_SEALED


def open_evidence(message: score_pb2.ScoredResult, opened: Open) -> None:
    """Puts evidence back where it was, in place; what does not open reads as unreadable."""
    text = opened(message.sealed_evidence, _bound_to(message))
    found = None if text is None else _parsed(text, len(message.scores))
    if found is None:
        drop_evidence(message, score_pb2.EVIDENCE_STATE_UNREADABLE)
        return
    drop_evidence(message, score_pb2.EVIDENCE_STATE_OPENED)
    for one in found.scores:
        message.scores[one.index].evidence.extend(one.evidence)


def drop_evidence(
    message: score_pb2.ScoredResult, state: score_pb2.EvidenceState.ValueType
) -> None:
    """Takes the ciphertext away, in place, and says why."""
    message.ClearField("sealed_evidence")
    message.evidence_state = state


def _bound_to(message: score_pb2.ScoredResult) -> tuple[bytes, ...]:
    names = message.tenant, message.result_id, message.subject_id, message.score_id
    return _PURPOSE, *(name.encode() for name in names)


def _parsed(text: bytes, scores: int) -> score_pb2.EvidenceOfScores | None:
    try:
        found = score_pb2.EvidenceOfScores.FromString(text)
    except DecodeError:
        return None
    return found if all(one.index < scores for one in found.scores) else None
