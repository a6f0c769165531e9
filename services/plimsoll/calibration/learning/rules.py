"""What is promised, how surely, and for how long unwatched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class LearningRules:
    """Error rates to promise, each inside (0, 1); `failure` is how often a promise may be wrong.

    A certificate is good for `good_for` after the last audit label that it covered.
    """

    error_rates: tuple[float, ...] = (0.05, 0.1, 0.2)
    failure: float = 0.1
    good_for: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        """ValueError where a rate or the failure is not inside (0, 1), or no time is given."""
        if not all(0.0 < rate < 1.0 for rate in (*self.error_rates, self.failure)):
            raise ValueError(f"{self.error_rates} and {self.failure} must lie inside (0, 1)")
        if self.good_for <= timedelta(0):
            raise ValueError(f"{self.good_for} is no time to be good for")
