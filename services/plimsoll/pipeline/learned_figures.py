"""What is told of learning: each promise that is made, kept or taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import structlog

from plimsoll.domain.learned import CertificateState, LearnedScope, ScopeKey, WatchedClaims
from plimsoll.ports.telemetry import (
    CALIBRATIONS_WITHDRAWN,
    CERTIFICATES,
    CERTIFICATES_REVOKED,
    Telemetry,
)

_log = structlog.get_logger(__name__)

_NEVER = datetime.max.replace(tzinfo=UTC)
_STATES = (CertificateState.STANDING, CertificateState.REVOKED, CertificateState.LAPSED)


class LearnedFigures:
    """Compares what is published with what stood before; counts how promises stand."""

    def __init__(self, scopes: Iterable[LearnedScope], telemetry: Telemetry) -> None:
        self._scopes = {scope.key: scope for scope in scopes}
        self._telemetry = telemetry
        # Until then every certificate stands as it was last told.
        self._until: datetime | None = None

    def published(self, scope: LearnedScope) -> None:
        """A scope has changed; the brokers have it."""
        before = self._scopes.get(scope.key)
        self._scopes[scope.key] = scope
        self._until = None
        known = {} if before is None else {one.certificate_id: one for one in before.certificates}
        for one in scope.certificates:
            earlier = known.get(one.certificate_id)
            facts = {
                "certificate": one.certificate_id,
                "error_rate": one.error_rate,
                **_named(scope.key),
            }
            if earlier is None:
                _log.info("observer.certificate.issued", threshold=one.threshold, **facts)
            if one.revoke_time is not None and (earlier is None or earlier.revoke_time is None):
                self._telemetry.count(CERTIFICATES_REVOKED, (scope.key.tenant,))
                _log.warning("observer.certificate.revoked", reason=one.revoke_reason, **facts)
        if scope.claims is not None:
            self._tell_claims(scope.key, scope.claims, before)
        if before is not None and before.calibration is not None and scope.calibration is None:
            self._telemetry.count(CALIBRATIONS_WITHDRAWN, (scope.key.tenant,))
            why = "" if scope.withdrawn is None else scope.withdrawn.reason
            _log.warning("observer.calibration.withdrawn", reason=why, **_named(scope.key))

    def tell(self, now: datetime) -> None:
        """How many certificates stand, are revoked and have lapsed."""
        if self._until is not None and now < self._until:
            return
        made = [one for scope in self._scopes.values() for one in scope.certificates]
        found = Counter(one.state(now) for one in made)
        found.update(s.claims.state for s in self._scopes.values() if s.claims is not None)
        ends = (one.valid_until for one in made if one.state(now) is CertificateState.STANDING)
        self._until = min(ends, default=_NEVER)
        for state in _STATES:
            self._telemetry.set(CERTIFICATES, found[state], (state,))

    def _tell_claims(
        self, key: ScopeKey, claims: WatchedClaims, before: LearnedScope | None
    ) -> None:
        earlier = None if before is None else before.claims
        gone = claims.revoke_time is not None
        if gone and (earlier is None or earlier.revoke_time is None):
            self._telemetry.count(CERTIFICATES_REVOKED, (key.tenant,))
            _log.warning(
                "observer.certificate.revoked",
                certificate=claims.certificate_id,
                error_rate=claims.promise.error_rate,
                reason=claims.revoke_reason,
                **_named(key),
            )

    def forget(self) -> None:
        """Somebody else tells from now on."""
        for state in _STATES:
            self._telemetry.forget(CERTIFICATES, (state,))


def _named(key: ScopeKey) -> dict[str, str]:
    return {"tenant": key.tenant, "task_kind": key.task_kind.value, "basis": key.basis}
