"""The fold over labels of claims: what of each filter's promise has been audited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plimsoll.calibration.learning.claim_losses import AuditedClaims, audited_claims
from plimsoll.calibration.learning.claim_watching import ClaimWatching
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.places import LabelPlace
from plimsoll.domain.claim_scopes import claim_certificate
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.learned import LearnedScope, ScopeKey, WatchedClaims

MOST_FILTERS = 10_000


class ClaimAudits:
    """Folds what labels say of claims, as `Learning` does for results, beside it.

    `learned` is what was published last of each filter; `failure` is how often a promise that
    holds may be taken back, of those that are watched from now on.
    """

    def __init__(self, failure: float, learned: Iterable[LearnedScope] = ()) -> None:
        self._failure = failure
        self._scopes = {
            scope.key: ClaimWatching(scope.key, scope.claims, scope)
            for scope in learned
            if scope.claims is not None
        }
        self._changed: set[ScopeKey] = set()
        # With whether the same label says something of its result, too.
        self._waiting: list[tuple[AuditedClaims, LabelPlace, bool]] = []
        self._recalling = bool(self._scopes)

    def fold(self, feedback: Feedback, place: LabelPlace) -> LabelOutcome:
        """Learns from a label; the outcome says whether and why not."""
        audit = audited_claims(feedback)
        if isinstance(audit, LabelOutcome):
            return audit
        scope = self._scopes.get(audit.scope)
        if self._recalling and (scope is None or not scope.knows(place)):
            self._waiting.append((audit, place, feedback.label is None))
            return LabelOutcome.WAITING
        return self._fold(audit, place)

    def catching_up(self) -> Iterator[LabelOutcome]:
        """What has waited is learned; the outcomes of labels that are about claims alone."""
        self._recalling = False
        waiting, self._waiting = self._waiting, []
        for audit, place, alone in waiting:
            outcome = self._fold(audit, place)
            if alone:
                yield outcome

    def take_changes(self) -> tuple[LearnedScope, ...]:
        """What has changed since the last call."""
        changed, self._changed = self._changed, set()
        return tuple(self._scopes[key].value() for key in changed)

    def _fold(self, audit: AuditedClaims, place: LabelPlace) -> LabelOutcome:
        scope = self._scopes.get(audit.scope)
        if scope is None:
            if len(self._scopes) >= MOST_FILTERS:
                return LabelOutcome.TOO_MANY
            scope = self._scopes[audit.scope] = ClaimWatching(audit.scope, self._begun(audit))
        if scope.knows(place):
            scope.recall(audit, place)
            return LabelOutcome.KNOWN
        outcome = scope.learn(audit, place)
        if outcome is LabelOutcome.TAUGHT:
            self._changed.add(audit.scope)
        return outcome

    def _begun(self, audit: AuditedClaims) -> WatchedClaims:
        return WatchedClaims(
            certificate_id=claim_certificate(audit.scope),
            filter_id=audit.filter_id,
            language=audit.language,
            promise=audit.promise,
            failure=self._failure,
        )
