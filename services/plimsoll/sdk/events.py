"""A scored event as a subscriber gets it."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.domain.confidence import Confidence, Verdict
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position
from plimsoll.domain.scored import ScoredResult


@dataclass(frozen=True, slots=True)
class ScoredEvent:
    """A visible score and where it stands on the scores topic."""

    scored: ScoredResult
    position: Position

    @property
    def key(self) -> ResultKey:
        """Whose score."""
        return self.scored.key

    @property
    def confidence(self) -> Confidence:
        """The confidence, or its absence."""
        return self.scored.confidence

    @property
    def lower_bound(self) -> float | None:
        """The confidence's lower bound in [0, 1], or None where there is no confidence."""
        estimate = self.scored.confidence.estimate
        return None if estimate is None else estimate.interval.lower

    @property
    def verdict(self) -> Verdict:
        """The policy's verdict; UNSPECIFIED without a policy."""
        decision = self.scored.decision
        return Verdict.UNSPECIFIED if decision is None else decision.verdict


@dataclass(frozen=True, slots=True)
class SubscriptionStats:
    """What became of the events read so far; they add up to `read`, those still waiting aside."""

    read: int = 0
    delivered: int = 0
    filtered: int = 0
    duplicate: int = 0
    conflict: int = 0
    superseded: int = 0
    unreadable: int = 0
