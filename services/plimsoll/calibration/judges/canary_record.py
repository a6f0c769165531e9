"""What one judge has said of the newest canaries of one rubric, and whether that is bad enough."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.calibration.judges.canaries import (
    CanaryAnswer,
    LiveRate,
    LiveReliability,
    live_reliability,
)
from plimsoll.domain.absence import Absence
from plimsoll.domain.canary import FOOLING, Canary

# An alarm is looked at after every canary, so that it has to be far surer than one look would.
ALARM_LEVEL = 0.998


class CanaryOutcome(StrEnum):
    """What came of a canary; one that was not asked says nothing of the judge."""

    RIGHT = "right"
    WRONG = "wrong"
    FOOLED = "fooled"
    NO_VERDICT = "no_verdict"
    NOT_ASKED = "not_asked"


class Rate(StrEnum):
    """The rates that canaries measure, as `LiveReliability` has them."""

    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    FOOLED = "fooled"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is put up with: rates in [0, 1]."""

    fooled_at_most: float
    right_at_least: float


def outcome_of(canary: Canary, passed: bool | None) -> CanaryOutcome:  # noqa: FBT001 - a verdict
    """What a verdict (None: none) comes to; a pass of what means to fool is `fooled`, not wrong."""
    if passed is None:
        return CanaryOutcome.NO_VERDICT
    if passed == canary.should_pass:
        return CanaryOutcome.RIGHT
    return CanaryOutcome.FOOLED if canary.kind in FOOLING else CanaryOutcome.WRONG


def rates(live: LiveReliability) -> Iterator[tuple[Rate, LiveRate]]:
    """All three by their names."""
    yield Rate.SENSITIVITY, live.sensitivity
    yield Rate.SPECIFICITY, live.specificity
    yield Rate.FOOLED, live.fooled


class CanaryRecord:
    """The newest `window` answers of one judge to canaries of one rubric."""

    def __init__(self, window: int) -> None:
        self._answers: deque[CanaryAnswer] = deque(maxlen=window)

    def add(self, answer: CanaryAnswer) -> None:
        """One more; the oldest is forgotten where the window is full."""
        self._answers.append(answer)

    def live(self, level: float = 0.95) -> LiveReliability:
        """The rates in the window, with intervals at that level."""
        return live_reliability(self._answers, level)

    def out_of(self, tolerance: Tolerance) -> frozenset[Rate]:
        """The rates whose interval lies wholly on the wrong side of what is put up with.

        The interval is at 99.8 %, so that one look at a judge on the border is wrong once in a
        thousand times.
        """
        return frozenset(
            rate for rate, live in rates(self.live(ALARM_LEVEL)) if _is_out(rate, live, tolerance)
        )


def _is_out(rate: Rate, live: LiveRate, tolerance: Tolerance) -> bool:
    if isinstance(live.rate, Absence):
        return False
    if rate is Rate.FOOLED:
        return live.rate.lower > tolerance.fooled_at_most
    return live.rate.upper < tolerance.right_at_least
