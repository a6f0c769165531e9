"""Labels of claims, and what was seen of claims, as parts of a label's record."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from plimsoll.domain.claims import ClaimGroup
from plimsoll.domain.feedback import ClaimLabel, SeenClaim, SeenClaims
from plimsoll.v1 import feedback_pb2
from plimsoll.wire.claim_promises import claim_promise_from_proto, write_claim_promise
from plimsoll.wire.enums import TASK_KIND

# A response of more claims is none that somebody labels.
MOST_CLAIMS = 2_000


def write_claim_labels(message: feedback_pb2.ClaimLabels, labels: Sequence[ClaimLabel]) -> None:
    """Fills an empty message, which is there even where there are no labels."""
    message.SetInParent()
    for label in labels:
        message.labels.add(start=label.start, end=label.end, correct=label.correct)


def claim_labels_from_proto(message: feedback_pb2.ClaimLabels) -> tuple[ClaimLabel, ...]:
    """The labels in the order of the text.

    ValueError where one is of no stretch of text or does not say true or false, where a claim is
    named twice, or where there are more than 2,000.
    """
    if len(message.labels) > MOST_CLAIMS:
        raise ValueError(f"there are more than {MOST_CLAIMS} labels of claims")
    labels = []
    for given in message.labels:
        if given.start >= given.end:
            raise ValueError(f"{given.start}-{given.end} is no stretch of text")
        if not given.HasField("correct"):
            raise ValueError(f"it is not said whether {given.start}-{given.end} is correct")
        labels.append(ClaimLabel(given.start, given.end, given.correct))
    labels.sort()
    for one, other in pairwise(labels):
        if (one.start, one.end) == (other.start, other.end):
            raise ValueError(f"the claim at {one.start}-{one.end} is named twice")
    return tuple(labels)


def write_seen_claims(message: feedback_pb2.SeenClaims, seen: SeenClaims) -> None:
    """Fills an empty message."""
    message.score_id = seen.score_id
    message.revision = seen.revision
    message.task_kind = TASK_KIND.numbers[seen.group.task_kind]  # type: ignore[assignment] # a number is one
    message.language = seen.group.language
    message.filter_id = seen.filter_id
    write_claim_promise(message.promise, seen.promise)
    for claim in seen.claims:
        message.claims.add(start=claim.start, end=claim.end, kept=claim.kept)


def seen_claims_from_proto(message: feedback_pb2.SeenClaims) -> SeenClaims | None:
    """The value of a message; None where this reader does not know what is promised.

    ValueError for a rate outside (0, 1), and where no filter is named.
    """
    promise = claim_promise_from_proto(message.promise)
    if promise is None:
        return None
    if not 0.0 < promise.error_rate < 1.0 or not message.filter_id:
        raise ValueError("seen_claims.promise has no rate, or no filter is named")
    return SeenClaims(
        score_id=message.score_id,
        revision=message.revision,
        filter_id=message.filter_id,
        group=ClaimGroup(TASK_KIND[message.task_kind], message.language),
        promise=promise,
        claims=tuple(SeenClaim(one.start, one.end, one.kept) for one in message.claims),
    )
