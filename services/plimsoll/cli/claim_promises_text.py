"""Promises about claims and what audits say of them, as people and as programs read it."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.cli.rendering import plain
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee
from plimsoll.domain.learned import LearnedScope, WatchedClaims

_CHARS = 120


def claims_lines(learned: LearnedScope, claims: WatchedClaims) -> Iterator[str]:
    """What is promised, what audits have found, and how it stands."""
    group = plain(str(ClaimGroup(learned.key.task_kind, claims.language)), _CHARS)
    filter_id, rate = plain(claims.filter_id, _CHARS), claims.promise.error_rate
    yield (
        f"{learned.key.tenant}/{group}: claims kept by {filter_id}, "
        f"{claims.promise.guarantee} at {rate:g}; {_found(claims)}"
    )
    if claims.revoke_time is None:
        yield f"{claims.certificate_id}: standing, last audited {learned.update_time:%Y-%m-%d}"
    else:
        why = plain(claims.revoke_reason, _CHARS)
        yield f"{claims.certificate_id}: revoked {claims.revoke_time:%Y-%m-%d %H:%M}, {why}"


def claims_json(learned: LearnedScope, claims: WatchedClaims) -> dict[str, object]:
    """A promise with all that is known of it."""
    told: dict[str, object] = {
        "certificate": claims.certificate_id,
        "state": claims.state.value,
        "filter_id": claims.filter_id,
        "language": claims.language,
        "guarantee": claims.promise.guarantee.value,
        "error_rate": claims.promise.error_rate,
        "threshold": claims.promise.threshold,
        "taught_by": claims.promise.labels,
        "failure": claims.failure,
        "audited": claims.watch.seen,
        "with_false_claims": claims.watch.wrong,
        "lost": claims.lost,
    }
    if claims.revoke_time is not None:
        told |= {"revoke_time": claims.revoke_time.isoformat(), "why": claims.revoke_reason}
    return {
        "tenant": learned.key.tenant,
        "task_kind": learned.key.task_kind.value,
        "basis": learned.key.basis,
        "labels": learned.labels,
        "right": learned.right,
        "update_time": learned.update_time.isoformat(),
        "certificates": [],
        "claims": told,
    }


def _found(claims: WatchedClaims) -> str:
    watch = claims.watch
    found = f"a false one was kept in {watch.wrong} of {watch.seen} audited responses"
    if claims.promise.guarantee is ClaimGuarantee.FALSE_SHARE and watch.seen:
        found += f", {claims.lost / watch.seen:.3g} of a response's on average"
    return found
