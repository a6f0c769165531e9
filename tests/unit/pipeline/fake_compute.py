"""A compute pool whose gate tests open and close."""

from __future__ import annotations

import asyncio

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.compute import Turn


class FakeGate:
    """Open or closed, as it is told."""

    absence = Absence(AbsenceReason.THROTTLED, "busy")

    def __init__(self) -> None:
        self.is_open = True
        self._opened = asyncio.Event()

    def close(self) -> None:
        """Holds everything back."""
        self.is_open = False
        self._opened.clear()

    def open(self) -> None:
        """Lets everything through."""
        self.is_open = True
        self._opened.set()

    async def opened(self) -> None:
        """Waits until it is open."""
        await self._opened.wait()

    def leave(self) -> None:
        """Whoever has come up is counted by nobody."""


class FakeCompute:
    """Evaluates here, and remembers how much time it was given."""

    def __init__(self) -> None:
        self.gate = FakeGate()
        self.deadlines: list[float] = []
        self._metrics = {metric.spec.name: metric for metric in registered_metrics()}

    def turn(self) -> FakeGate:
        """Everybody stands at the same gate."""
        return self.gate

    async def evaluate(
        self, metric: str, result: LlmResult, deadline_s: float, turn: Turn | None = None
    ) -> Score:
        """The score."""
        del turn
        self.deadlines.append(deadline_s)
        return evaluate(self._metrics[metric], result)

    async def stop(self) -> None:
        """Nothing to stop."""
