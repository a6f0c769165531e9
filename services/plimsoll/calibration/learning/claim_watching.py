"""One promise about claims: watched from its first audit on, and taken back for good."""

from __future__ import annotations

import heapq
from dataclasses import replace

from plimsoll.calibration.learning.claim_losses import AuditedClaims
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.places import LabelPlace
from plimsoll.calibration.learning.scope import MOST_RESULTS
from plimsoll.calibration.learning.watching import bets_of, risk_watch
from plimsoll.domain.claims import ClaimGuarantee
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import CertificateState, LearnedScope, ScopeKey, WatchedClaims
from plimsoll.domain.learning import LearningState, PromiseWatch


class ClaimWatching:
    """An e-process against "the expected loss is the promised rate at most".

    A response counts once, with its first audit, whatever is said of it later. After a restart
    `recall` is told of audits that were learned of, and `learn` of those that come.
    """

    def __init__(
        self, key: ScopeKey, claims: WatchedClaims, learned: LearnedScope | None = None
    ) -> None:
        self._key = key
        self._claims = claims
        self._cursor = {} if learned is None else dict(learned.state.cursor)
        self._time = None if learned is None else learned.update_time
        self._counted: set[ResultKey] = set()
        self._by_age: list[tuple[LabelPlace, str, ResultKey]] = []

    def knows(self, place: LabelPlace) -> bool:
        """Whether that label was learned of before a restart."""
        return place.offset < self._cursor.get(place.partition, 0)

    def recall(self, audit: AuditedClaims, place: LabelPlace) -> None:
        """Knows again which response has counted."""
        if self._claims.state is CertificateState.REVOKED or audit.key in self._counted:
            return
        self._counted.add(audit.key)
        heapq.heappush(self._by_age, (place, str(audit.key), audit.key))
        if len(self._by_age) > MOST_RESULTS:
            self._counted.discard(heapq.heappop(self._by_age)[2])

    def learn(self, audit: AuditedClaims, place: LabelPlace) -> LabelOutcome:
        """Holds a response against the promise; nothing is learned of one that is taken back."""
        if self._claims.state is CertificateState.REVOKED:
            return LabelOutcome.TAKEN_BACK
        if audit.key in self._counted:
            return LabelOutcome.DOUBLED
        self.recall(audit, place)
        self._cursor[place.partition] = place.offset + 1
        self._time = place.time
        claims = self._claims
        risk = risk_watch(claims.watch.bets, claims.promise.error_rate, claims.failure)
        risk = risk.after(audit.loss)
        seen, wrong = claims.watch.seen + 1, claims.watch.wrong + (audit.false > 0)
        self._claims = replace(
            claims, watch=PromiseWatch(bets_of(risk), seen, wrong), lost=claims.lost + audit.loss
        )
        if risk.alarmed:
            why = _why(self._claims)
            self._claims = replace(self._claims, revoke_time=place.time, revoke_reason=why)
            self._counted, self._by_age = set(), []
        return LabelOutcome.TAUGHT

    def value(self) -> LearnedScope:
        """What was learned, to be published; ValueError where no label was."""
        if self._time is None:
            raise ValueError(f"nothing was learned of {self._key}")
        watch = self._claims.watch
        return LearnedScope(
            key=self._key,
            labels=watch.seen,
            right=watch.seen - watch.wrong,
            calibration=None,
            certificates=(),
            state=LearningState(cursor=dict(sorted(self._cursor.items()))),
            update_time=self._time,
            claims=self._claims,
        )


def _why(claims: WatchedClaims) -> str:
    watch = claims.watch
    if claims.promise.guarantee is ClaimGuarantee.FALSE_SHARE:
        share = claims.lost / watch.seen
        return f"{share:.3g} of a response's claims were kept and false, over {watch.seen} audits"
    return f"a claim was kept that is false in {watch.wrong} of {watch.seen} audited responses"
