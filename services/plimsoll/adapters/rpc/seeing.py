"""What look-ups show of a result at the moment when somebody labels it."""

from __future__ import annotations

from plimsoll.domain.claims import ClaimGroup
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.feedback import NOTHING_SEEN, Seen, SeenClaim, SeenClaims, Sight
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scored import ScoredResult
from plimsoll.ports.store import ScoreStore
from plimsoll.wire.scored import decode_scored


class VisibleScores:
    """Reads the store of look-ups."""

    def __init__(self, store: ScoreStore) -> None:
        self._store = store

    async def seen(self, key: ResultKey) -> Sight:
        """The visible score that labels of this result and its claims teach about.

        Raises RetryableError or FatalError where the store does not answer.
        """
        found = (await self._store.get((key,))).get(key)
        if found is None:
            return NOTHING_SEEN
        try:
            scored = decode_scored(found.row.payload)
        except PoisonError:
            # Of another release, whatever it holds: nothing can be learned about it.
            return NOTHING_SEEN
        return Sight(_seen(scored), _claims(scored))


def _seen(scored: ScoredResult) -> Seen | None:
    """None without an estimate, of an incomplete result, and of one that has no basis.

    What was held out moves the point, so an incomplete result is not of the stream that is learned
    about; older scores name no basis.
    """
    confidence = scored.confidence
    base, shown = confidence.base, confidence.estimate
    if base is None or shown is None or not scored.complete or not confidence.basis:
        return None
    return Seen(
        score_id=scored.score_id,
        revision=scored.revision,
        task_kind=scored.task_kind,
        basis=confidence.basis,
        point=base.point,
        shown=shown.point,
        calibration_id=confidence.calibration_id,
        certificates=tuple(promise.certificate for promise in confidence.promises),
    )


def _claims(scored: ScoredResult) -> SeenClaims | None:
    """None where nothing was promised of claims, or the event does not say how that is watched."""
    for score in scored.scores:
        claims = score.claim_filter
        if claims is not None and claims.promise is not None and claims.promise.certificate:
            return SeenClaims(
                score_id=scored.score_id,
                revision=scored.revision,
                filter_id=claims.filter_id,
                group=ClaimGroup.of(scored.task_kind, scored.language),
                promise=claims.promise,
                claims=tuple(SeenClaim(c.start, c.end, c.kept) for c in claims.claims),
            )
    return None
