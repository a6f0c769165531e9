"""What the topic of calibrations says, ready to be asked: by scorers, and by look-ups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from plimsoll.calibration.learning.standing import Standing, standing
from plimsoll.domain.claim_scopes import CLAIM_CERTIFICATE_PREFIX
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.learned import (
    Certificate,
    CertificateState,
    LearnedScope,
    ScopeKey,
    WatchedClaims,
)
from plimsoll.domain.record import Record
from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import CALIBRATIONS_READ, Telemetry
from plimsoll.wire.learned import decode_learned

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """What stands for a scope, as it was worked out last."""

    standing: Standing | None
    until: datetime | None


class LearnedTable:
    """The latest record of each scope; whoever follows the topic fills it, and nobody waits for it.

    While the topic cannot be read, nobody can tell whether a promise has been taken back: none is
    given then, and certificates are UNKNOWN. Calibrations stand.
    """

    def __init__(self, clock: Clock, telemetry: Telemetry) -> None:
        self._clock = clock
        self._telemetry = telemetry
        # By the records' keys, and by those that scorers ask with.
        self._records: dict[bytes, LearnedScope] = {}
        self._scopes: dict[ScopeKey, LearnedScope] = {}
        self._certificates: dict[str, Certificate] = {}
        self._claims: dict[str, WatchedClaims] = {}
        self._held: dict[ScopeKey, _Held] = {}
        self._readable = False

    def replace(self, records: Sequence[Record]) -> None:
        """These are all that the topic holds now."""
        self._records, self._scopes, self._certificates, self._held = {}, {}, {}, {}
        self._claims = {}
        self._readable = True
        self._telemetry.set(CALIBRATIONS_READ, 1)
        self.take(records)

    def take(self, records: Sequence[Record]) -> None:
        """These came after the others; of one scope the last counts."""
        for record in records:
            self._take(record)

    def lose(self) -> None:
        """The topic is not there or cannot be read now."""
        self._readable = False
        self._telemetry.set(CALIBRATIONS_READ, 0)
        self._held = {}

    @property
    def scopes(self) -> tuple[LearnedScope, ...]:
        """Everything that was learned, by tenant, task kind and basis."""
        return tuple(sorted(self._scopes.values(), key=lambda learned: str(learned.key)))

    def standing(self, key: ScopeKey) -> Standing | None:
        """What stands for a scope now; None where the prior speaks alone."""
        learned = self._scopes.get(key)
        if learned is None:
            return None
        held = self._held.get(key)
        if held is None or (held.until is not None and self._clock.now() >= held.until):
            held = self._held[key] = self._work_out(learned)
        return held.standing

    @property
    def none(self) -> bool:
        """Whether the topic is read, and has no certificate."""
        return self._readable and not self._certificates

    def state(self, certificate_id: str) -> CertificateState:
        """How a certificate stands now."""
        if not self._readable:
            return CertificateState.UNKNOWN
        if certificate_id.startswith(CLAIM_CERTIFICATE_PREFIX):
            claims = self._claims.get(certificate_id)
            return CertificateState.UNWATCHED if claims is None else claims.state
        certificate = self._certificates.get(certificate_id)
        if certificate is None:
            return CertificateState.UNKNOWN
        return certificate.state(self._clock.now())

    def _work_out(self, learned: LearnedScope) -> _Held:
        known = learned if self._readable else replace(learned, certificates=())
        found = standing(known, self._clock.now())
        return _Held(found, None if found is None else found.until)

    def _take(self, record: Record) -> None:
        if record.value is None:
            self._drop(record.key or b"")
            return
        try:
            learned = decode_learned(record.value)
        except PoisonError as error:
            _log.warning(
                "calibrations.record.unreadable",
                partition=record.partition,
                offset=record.offset,
                reason=error.reason,
            )
            return
        key = learned.key.encode()
        self._drop(key)
        self._records[key] = self._scopes[learned.key] = learned
        for certificate in learned.certificates:
            self._certificates[certificate.certificate_id] = certificate
        if learned.claims is not None:
            self._claims[learned.claims.certificate_id] = learned.claims

    def _drop(self, key: bytes) -> None:
        before = self._records.pop(key, None)
        if before is None:
            return
        del self._scopes[before.key]
        self._held.pop(before.key, None)
        for certificate in before.certificates:
            self._certificates.pop(certificate.certificate_id, None)
        if before.claims is not None:
            self._claims.pop(before.claims.certificate_id, None)
