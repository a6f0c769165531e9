"""What labels have taught, as tests of scorers and look-ups make it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from plimsoll.domain.claim_scopes import claim_scope
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise
from plimsoll.domain.learned import (
    Certificate,
    LearnedCalibration,
    LearnedScope,
    ScopeKey,
    WatchedClaims,
)
from plimsoll.domain.learning import Bets, LearningState, PromiseWatch
from plimsoll.domain.record import Record
from plimsoll.domain.result import TaskKind
from plimsoll.wire.learned import encode_learned

# Long ago, and long after any test.
ISSUED = datetime(2020, 1, 1, tzinfo=UTC)
LATER = ISSUED + timedelta(days=10_000)
KEY = ScopeKey("default", TaskKind.OPEN_QA, "0123456789abcdef")
# P(right) is a little less than the prior says.
FITTED = LearnedCalibration("calibrated-a", -0.5, 0.9, 0.04, -0.01, 0.02, 100, 80, ISSUED)


def certificate(
    name: str,
    error_rate: float = 0.05,
    threshold: float = 0.5,
    valid_until: datetime = LATER,
    revoked: datetime | None = None,
) -> Certificate:
    """A certificate; its ID is `certificate-` and the name."""
    return Certificate(
        certificate_id=f"certificate-{name}",
        error_rate=error_rate,
        failure=0.1,
        threshold=threshold,
        labels=60,
        errors=1,
        bound=0.04,
        coverage=0.6,
        issue_time=ISSUED,
        valid_until=valid_until,
        revoke_time=revoked,
        revoke_reason="" if revoked is None else "3 of 5 were wrong",
    )


def learned(
    *certificates: Certificate,
    key: ScopeKey = KEY,
    calibration: LearnedCalibration | None = None,
) -> LearnedScope:
    """A scope with these."""
    return LearnedScope(
        key=key,
        labels=100,
        right=80,
        calibration=calibration,
        certificates=certificates,
        state=LearningState(),
        update_time=ISSUED,
    )


def watched_claims(revoked: datetime | None = None) -> WatchedClaims:
    """A promise about claims that two audits have watched, of which one was bad."""
    return WatchedClaims(
        certificate_id="certificate-claims-a",
        filter_id="claims-a",
        language="en",
        promise=ClaimPromise(ClaimGuarantee.ALL_TRUE, 0.1, 50, 0.5),
        failure=0.1,
        watch=PromiseWatch(Bets(0.25, 1.98, 1.0, 1.0), 2, 1),
        lost=1.0,
        revoke_time=revoked,
        revoke_reason="" if revoked is None else "1 of 2 were bad",
    )


def learned_claims(claims: WatchedClaims, tenant: str = "default") -> LearnedScope:
    """Its scope."""
    group = ClaimGroup(TaskKind.GROUNDED_QA, claims.language)
    return LearnedScope(
        key=claim_scope(tenant, claims.filter_id, group),
        labels=2,
        right=1,
        calibration=None,
        certificates=(),
        state=LearningState(cursor={0: 2}),
        update_time=ISSUED,
        claims=claims,
    )


def records(scopes: Sequence[LearnedScope], first: int = 0) -> list[Record]:
    """Records of the topic, from an offset on."""
    found = []
    for offset, scope in enumerate(scopes, start=first):
        out = encode_learned(scope, "calibrations")
        found.append(Record("calibrations", 0, offset, 0, out.key, out.value, ()))
    return found
