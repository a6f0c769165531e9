"""Compute processes with a span around each metric."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.pipeline.traced import OTHER
from plimsoll.ports.compute import Compute, Turn
from plimsoll.ports.tracing import MEASURING, Tracing


class TracedCompute:
    """Compute processes with a span around each metric."""

    def __init__(self, compute: Compute, tracing: Tracing) -> None:
        self._compute = compute
        self._tracing = tracing

    def turn(self) -> Turn:
        """As the processes."""
        return self._compute.turn()

    async def evaluate(
        self, metric: str, result: LlmResult, deadline_s: float, turn: Turn | None = None
    ) -> Score:
        """As the processes."""
        span = self._tracing.begin(MEASURING, metric, {"gen_ai.evaluation.name": metric})
        ended = OTHER
        try:
            score = await self._compute.evaluate(metric, result, deadline_s, turn)
            outcome = score.outcome
            ended = outcome.reason.value if isinstance(outcome, Absence) else ""
        finally:
            span.end(ended)
        return score

    async def stop(self) -> None:
        """As the processes."""
        await self._compute.stop()
