"""What of a scope's learning stands at some time, under a name of its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from plimsoll.domain.confidence import ConfidenceStatus, Promise
from plimsoll.domain.learned import (
    Certificate,
    CertificateState,
    LearnedCalibration,
    LearnedScope,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A calibration, or None, and at most one certificate for each error rate, lowest first.

    `calibration_id` names all of it, so that the same ID makes the same confidence of the same
    scores. It holds before `until`; None is for as long as no label comes.
    """

    calibration_id: str
    calibration: LearnedCalibration | None
    certificates: tuple[Certificate, ...]
    until: datetime | None

    def promises(self, point: float) -> tuple[Promise, ...]:
        """What is promised of a complete result with that unlearned point, lowest rate first."""
        return tuple(
            Promise(certificate.error_rate, certificate.certificate_id)
            for certificate in self.certificates
            if point >= certificate.threshold
        )


def standing(learned: LearnedScope, now: datetime) -> Standing | None:
    """What stands at that time; None where nothing does, and the prior speaks alone."""
    # Of one error rate the last: it replaces those before it for new results.
    latest = {
        certificate.error_rate: certificate
        for certificate in learned.certificates
        if certificate.state(now) is CertificateState.STANDING
    }
    certificates = tuple(latest[rate] for rate in sorted(latest))
    if learned.calibration is None and not certificates:
        return None
    return Standing(
        calibration_id=_name(learned, certificates),
        calibration=learned.calibration,
        certificates=certificates,
        until=min((one.valid_until for one in certificates), default=None),
    )


def _name(learned: LearnedScope, certificates: tuple[Certificate, ...]) -> str:
    fitted = learned.calibration
    status = ConfidenceStatus.PRIOR if fitted is None else ConfidenceStatus.CALIBRATED
    told = json.dumps(
        [
            learned.key.basis,
            None if fitted is None else fitted.calibration_id,
            [certificate.certificate_id for certificate in certificates],
        ],
        separators=(",", ":"),
    )
    return f"{status}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
