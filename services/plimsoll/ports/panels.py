"""Panels of judges, as the path of a result sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.ports.compute import Gate


@dataclass(frozen=True, slots=True)
class Priced:
    """A score and what its verdicts have cost in US dollars; None is unknown."""

    score: Score
    cost_usd: float | None


class Panels(Protocol):
    """Asks panels; it knows their metrics by name."""

    def gate_of(self, metric: str) -> Gate:
        """Closed while a judge of the panel cannot be asked, through no fault of the result."""

    async def evaluate(self, metric: str, result: LlmResult, deadline_s: float) -> Priced:
        """The metric's score; a juror without a verdict in time is missing, and widens."""

    async def close(self) -> None:
        """Releases what judges are reached by; never raises."""
