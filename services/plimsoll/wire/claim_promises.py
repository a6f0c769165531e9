"""Promises about claims as messages: in scores, beside labels, and as audits bear them out."""

from __future__ import annotations

from plimsoll.domain.claims import ClaimGuarantee, ClaimPromise
from plimsoll.v1 import score_pb2
from plimsoll.wire.enums import CLAIM_GUARANTEE


def write_claim_promise(message: score_pb2.ClaimPromise, given: ClaimPromise) -> None:
    """Fills an empty message."""
    message.guarantee = CLAIM_GUARANTEE.numbers[given.guarantee]  # type: ignore[assignment] # a number is one
    message.error_rate = given.error_rate
    message.labels = given.labels
    if given.threshold is not None:
        message.threshold = given.threshold
    if given.certificate:
        message.certificate = given.certificate


def claim_promise_from_proto(message: score_pb2.ClaimPromise) -> ClaimPromise | None:
    """The value of a message; None where this reader does not know what is promised."""
    guarantee = CLAIM_GUARANTEE[message.guarantee]
    if guarantee is ClaimGuarantee.UNSPECIFIED:
        return None
    return ClaimPromise(
        guarantee=guarantee,
        error_rate=message.error_rate,
        labels=message.labels,
        threshold=message.threshold if message.HasField("threshold") else None,
        certificate=message.certificate,
    )
