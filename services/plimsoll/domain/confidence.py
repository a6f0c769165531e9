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
class Confidence:
    """An estimate or a typed absence of one, and what it was calibrated on."""

    outcome: Estimate | Absence
    status: ConfidenceStatus
    calibration_id: str
    labels: int
    weakest_metric: str = ""

    @property
    def estimate(self) -> Estimate | None:
        """The estimate, or None where there is an absence."""
        return self.outcome if isinstance(self.outcome, Estimate) else None


@dataclass(frozen=True, slots=True)
class Decision:
    """A policy's verdict with the condition that decided it."""

    policy: str
    verdict: Verdict
    condition: str
    certificate: str = ""
