"""What a response has lost whose claims were labelled: what a filter's promise is about."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.calibration.learning.labels import TEACH, LabelOutcome
from plimsoll.domain.claim_scopes import claim_scope
from plimsoll.domain.claims import ClaimGuarantee, ClaimPromise
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import ScopeKey


@dataclass(frozen=True, slots=True)
class AuditedClaims:
    """A response of which every claim that is kept has a label.

    `false` of its `claims` are kept and false.
    """

    key: ResultKey
    scope: ScopeKey
    filter_id: str
    language: str
    promise: ClaimPromise
    claims: int
    false: int

    @property
    def loss(self) -> float:
        """In [0, 1], as of the responses that taught the filter (`conformal_claims`).

        The promise is that it is `promise.error_rate` at most on average.
        """
        if self.promise.guarantee is ClaimGuarantee.FALSE_SHARE:
            return self.false / self.claims if self.claims else 0.0
        return float(self.false > 0)


def audited_claims(feedback: Feedback) -> AuditedClaims | LabelOutcome:
    """The response of a label, or why that says nothing of the filter's promise."""
    if feedback.retracted or not feedback.audit:
        return LabelOutcome.NOT_AUDIT
    if feedback.source not in TEACH:
        return LabelOutcome.SOURCE
    seen, labels = feedback.seen_claims, feedback.claims
    if seen is None or labels is None:
        return LabelOutcome.NOT_SEEN
    if seen.unlabelled(labels):
        return LabelOutcome.INCOMPLETE
    false = {(label.start, label.end) for label in labels if not label.correct}
    return AuditedClaims(
        key=feedback.key,
        scope=claim_scope(feedback.key.tenant, seen.filter_id, seen.group),
        filter_id=seen.filter_id,
        language=seen.group.language,
        promise=seen.promise,
        claims=len(seen.claims),
        false=sum(claim.kept and (claim.start, claim.end) in false for claim in seen.claims),
    )
