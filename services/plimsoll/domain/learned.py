"""What labels have taught of one stream of points, and what is promised on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plimsoll.domain.claims import ClaimPromise
from plimsoll.domain.learning import NO_WATCH, LearningState, PromiseWatch
from plimsoll.domain.result import TaskKind

# Every certificate's ID begins so, by which stored bytes are told that name one.
CERTIFICATE_PREFIX = "certificate-"


class CertificateState(StrEnum):
    """How a certificate stands at some time."""

    UNSPECIFIED = "unspecified"
    STANDING = "standing"
    REVOKED = "revoked"
    LAPSED = "lapsed"
    UNKNOWN = "unknown"
    # Of a promise about claims: no label has watched it yet.
    UNWATCHED = "unwatched"


@dataclass(frozen=True, slots=True)
class ScopeKey:
    """What is learned holds for a tenant's results of one task kind, scored on one basis."""

    tenant: str
    task_kind: TaskKind
    basis: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.task_kind}/{self.basis}"

    def encode(self) -> bytes:
        """The Kafka key."""
        return str(self).encode()


@dataclass(frozen=True, slots=True)
class LearnedCalibration:
    """P(right) = sigmoid(intercept + slope x), with x the logit of the unlearned point.

    Variances and the covariance are the posterior's, in squared logits.
    """

    calibration_id: str
    intercept: float
    slope: float
    intercept_variance: float
    covariance: float
    slope_variance: float
    labels: int
    right: int
    fit_time: datetime


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A calibration fitted on `labels` that was taken back, as results drifted away from it."""

    calibration_id: str
    labels: int
    fit_time: datetime
    withdraw_time: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """Of results with an unlearned point at or above `threshold`, at most `error_rate` is wrong.

    `labels` were at or above it, `errors` of them wrong, `bound` is the upper confidence bound of
    the risk, and `coverage` their share of all. The procedure that made it fails with probability
    `failure` at most.
    """

    certificate_id: str
    error_rate: float
    failure: float
    threshold: float
    labels: int
    errors: int
    bound: float
    coverage: float
    issue_time: datetime
    valid_until: datetime
    revoke_time: datetime | None = None
    revoke_reason: str = ""

    def state(self, now: datetime) -> CertificateState:
        """How it stands at that time."""
        if self.revoke_time is not None:
            return CertificateState.REVOKED
        lapsed = now >= self.valid_until
        return CertificateState.LAPSED if lapsed else CertificateState.STANDING


@dataclass(frozen=True, slots=True)
class WatchedClaims:
    """A promise about the claims that a filter keeps, as audits bear it out.

    `watch` has seen so many responses, and a claim was kept that is false in `wrong` of them.
    `lost` is the sum of their losses, each in [0, 1]: the promise is about the mean of it. It is
    taken back while it holds with probability `failure` at most.
    """

    certificate_id: str
    filter_id: str
    language: str
    promise: ClaimPromise
    failure: float
    watch: PromiseWatch = NO_WATCH
    lost: float = 0.0
    revoke_time: datetime | None = None
    revoke_reason: str = ""

    @property
    def state(self) -> CertificateState:
        """How it stands: it lapses never, and what is taken back stays so."""
        revoked = self.revoke_time is not None
        return CertificateState.REVOKED if revoked else CertificateState.STANDING


@dataclass(frozen=True, slots=True)
class LearnedScope:
    """Everything that was learned for one scope, and what the next label continues from.

    `labels` results have standing audit labels, `right` of them are right. Of several standing
    certificates of one error rate, the last counts for new results. `withdrawn` is the calibration
    that was withdrawn last, if any was. Where `claims` is set, it is about a filter
    of claims, and nothing else was learned: `right` are responses without loss.
    """

    key: ScopeKey
    labels: int
    right: int
    calibration: LearnedCalibration | None
    certificates: tuple[Certificate, ...]
    state: LearningState
    update_time: datetime
    withdrawn: Withdrawal | None = None
    claims: WatchedClaims | None = None
