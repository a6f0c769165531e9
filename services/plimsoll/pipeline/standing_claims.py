"""Promises about claims as they stand now: what was taken back is given no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import ClaimFilter
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.score import Score

# How a certificate stands now.
State = Callable[[str], CertificateState]

_GIVEN = (CertificateState.STANDING, CertificateState.UNWATCHED)
_TAKEN_BACK = "labels have spoken against it"
_CANNOT_TELL = "whether labels have spoken against it cannot be told now"


def standing_claims(scores: Sequence[Score], state: State) -> tuple[tuple[Score, ...], str]:
    """The scores with those promises about claims that stand, and a name of what is kept back.

    Where one does not stand, or nobody can tell, no claim is marked, and the filter says why:
    `abstained`. The name is empty where nothing is kept back.
    """
    kept_back = []
    found = []
    for score in scores:
        claims = score.claim_filter
        if claims is not None and claims.promise is not None:
            now = state(claims.promise.certificate)
            if now not in _GIVEN:
                kept_back.append(f" without {claims.promise.certificate}: {now}")
                score = replace(score, claim_filter=_without(claims, now))  # noqa: PLW2901 # rare
        found.append(score)
    return tuple(found), "".join(kept_back)


def _without(claims: ClaimFilter, now: CertificateState) -> ClaimFilter:
    why = _TAKEN_BACK if now is CertificateState.REVOKED else _CANNOT_TELL
    named = "" if claims.promise is None else claims.promise.certificate
    return ClaimFilter(claims.filter_id, Absence(AbsenceReason.ABSTAINED, f"{named}: {why}"))
