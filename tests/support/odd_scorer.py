"""A scorer with one more metric: as slow, or as deadly, as a result's attributes ask for.

The loop, the path, the log and the drain are the scorer's own; only the metric and where long
metrics run are put in from outside.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from plimsoll.adapters.signals import stop_on_signals
from plimsoll.adapters.telemetry.logs import configure_logs
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.combine import Combination
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.ports.compute import Turn
from plimsoll.ports.metric import Metric
from plimsoll.scorer.app import compose_loop
from plimsoll.settings.model import Settings
from plimsoll.settings.plan import load_plan

SLOW = "odd.slow_s"
DEADLY = "odd.deadly"
# A variable: whoever has it takes no time for what asks for slowness.
IN_A_HURRY = "ODD_IN_A_HURRY"
TOO_MUCH = 10**9


class OddMetric:
    """Half, always; but what asks for it takes long, or kills the process that measures it."""

    spec = MetricSpec(
        name="odd",
        version="1",
        family=Family.VALIDATOR,
        summary="For tests of drains and crashes.",
        needs=(Need.RESPONSE_TEXT,),
        source="tests",
        baseline=True,
    )

    def work(self, result: LlmResult) -> int:
        """Too much for the event loop where the result asks for slowness."""
        return TOO_MUCH if SLOW in dict(result.attributes) else 1

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """Ends this process where the result asks for it."""
        if DEADLY in dict(result.attributes):
            os.kill(os.getpid(), signal.SIGKILL)
        return Measurement(value=0.5)


class OpenGate:
    """Holds nothing back."""

    is_open = True
    absence = Absence(AbsenceReason.THROTTLED, "never said")

    async def opened(self) -> None:
        """At once."""

    def leave(self) -> None:
        """Nobody is behind."""


class PatientCompute:
    """Long metrics wait, as for a judge, and are then measured."""

    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self._metrics = {metric.spec.name: metric for metric in metrics}

    def turn(self) -> OpenGate:
        """At once."""
        return OpenGate()

    async def evaluate(
        self, metric: str, result: LlmResult, deadline_s: float, turn: Turn | None = None
    ) -> Score:
        """The score, after as long as the result asks for."""
        del turn
        slow_s = float(dict(result.attributes).get(SLOW, "0"))
        if IN_A_HURRY not in os.environ:
            await asyncio.sleep(min(slow_s, deadline_s))
        return evaluate(self._metrics[metric], result)

    async def stop(self) -> None:
        """Nothing to stop."""


async def run(settings: Settings) -> None:
    """Scores until SIGTERM, then drains."""
    metrics = (*registered_metrics(), OddMetric())
    scorer = ResultScorer(
        load_plan(settings.scorer.plan_file, [metric.spec.name for metric in metrics]),
        metrics,
        Combination.load_prior(),
    )
    loop = compose_loop(settings, scorer, PatientCompute(metrics), PrometheusTelemetry())
    with stop_on_signals() as stop:
        running = asyncio.ensure_future(loop.run(lambda: None))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        loop.stop()
        await running
        stopping.cancel()


if __name__ == "__main__":
    given = Settings()
    configure_logs(given.log_level, given.log_format)
    sys.exit(asyncio.run(run(given)))
