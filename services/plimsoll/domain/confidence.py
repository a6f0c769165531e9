"""The calibrated probability of being right, its interval, and what a policy makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.absence import Absence
from plimsoll.domain.score import Interval


class ConfidenceStatus(StrEnum):
    """How far a confidence may be taken as a probability."""

    UNSPECIFIED = "unspecified"
    CALIBRATED = "calibrated"
    PRIOR = "prior"
    UNCALIBRATED = "uncalibrated"


class Verdict(StrEnum):
    """What a policy makes of a result."""

    UNSPECIFIED = "unspecified"
    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point in [0, 1] with the interval around it."""

    point: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Promise:
    """At most `error_rate` of the results that the certificate covers is wrong, as far as it says.

    `certificate` is its ID.
    """

    error_rate: float
    certificate: str


@dataclass(frozen=True, slots=True)
class Confidence:
    """An estimate or a typed absence of one, and what it was calibrated on.

    `basis` names what the point is made of before anything is learned; empty where there is no
    estimate. `unlearned` is what the prior says, only where a learned calibration stands in for
    it. `promises` are those of certificates that cover the result, lowest error rate first.
    """

    outcome: Estimate | Absence
    status: ConfidenceStatus
    calibration_id: str
    labels: int
    weakest_metric: str = ""
    basis: str = ""
    unlearned: Estimate | None = None
    promises: tuple[Promise, ...] = ()

    @property
    def estimate(self) -> Estimate | None:
        """The estimate, or None where there is an absence."""
        return self.outcome if isinstance(self.outcome, Estimate) else None

    @property
    def base(self) -> Estimate | None:
        """What is said before anything is learned; None where there is an absence."""
        return self.estimate if self.unlearned is None else self.unlearned


@dataclass(frozen=True, slots=True)
class Decision:
    """A policy's verdict with the condition that decided it."""

    policy: str
    verdict: Verdict
    condition: str
    certificate: str = ""
