"""Labels of claims: what is refused of them, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.adapters.rpc.statuses import invalid
from plimsoll.domain.feedback import ClaimLabel, SeenClaims
from plimsoll.v1 import feedback_pb2, service_pb2
from plimsoll.wire.claim_labels import claim_labels_from_proto

_FIELD = "feedback.claims"
_MOST_SHOWN = 20


def read_claims(given: feedback_pb2.Feedback) -> tuple[ClaimLabel, ...] | None:
    """Labels that are well formed, or None where there are none; else they are refused."""
    if not given.HasField("claims"):
        return None
    try:
        return claim_labels_from_proto(given.claims)
    except ValueError as error:
        raise invalid(_FIELD, str(error)) from error


def refuse_unknown(labels: Sequence[ClaimLabel], seen: SeenClaims) -> None:
    """Refuses a label of a claim that the visible score does not show: it is of another text."""
    known = {(claim.start, claim.end) for claim in seen.claims}
    for label in labels:
        if (label.start, label.end) not in known:
            shown = [f"{claim.start}-{claim.end}" for claim in seen.claims]
            more = ", ..." if len(shown) > _MOST_SHOWN else ""
            raise invalid(
                _FIELD,
                f"score {seen.score_id} shows no claim at {label.start}-{label.end}; it shows "
                f"{', '.join(shown[:_MOST_SHOWN]) or 'none'}{more}",
            )


def write_about_claims(
    reply: service_pb2.SubmitFeedbackResponse,
    labels: tuple[ClaimLabel, ...],
    seen: SeenClaims | None,
) -> None:
    """Whether they are about a promise, and which claims that it keeps have no label."""
    reply.claims_seen = seen is not None
    for claim in () if seen is None else seen.unlabelled(labels):
        reply.unlabelled.add(start=claim.start, end=claim.end, kept=True)
