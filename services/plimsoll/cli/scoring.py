"""Scores results here and now, without Kafka, with the scorers' own core."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.combine import Combination
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.domain.scored import ScoredResult
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.aside import Aside
from plimsoll.pipeline.askers import NOBODY, Askers
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.scorer.judges import (
    asks_somebody,
    judge_models,
    open_askers,
    reliability,
    with_reliability,
)
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings
from plimsoll.settings.plan import load_plan
from plimsoll.wire.digests import input_digest
from plimsoll.wire.results import result_to_proto


class LocalScorer:
    """A plan, its metrics with their tools, its judges, and the prior combination, in this process.

    Judges are asked one result at a time, through the scorers' own memo, limits and budgets.
    """

    def __init__(self, plan_file: Path | None, settings: Settings) -> None:
        tools = build_tools(ToolSettings.of(settings))
        metrics = registered_metrics(tools)
        names = [metric.spec.name for metric in metrics]
        plan = load_plan(plan_file, names, judge_models(settings))
        plan = with_reliability(plan, reliability(settings.judges))
        self._scorer = ResultScorer(plan, metrics, Combination.load_prior(), tools.configured)
        self._settings = settings
        self._clock = SystemClock()
        self._held = ExitStack()
        self._askers = NOBODY
        self._loop: asyncio.Runner | None = None

    def __enter__(self) -> LocalScorer:
        """Opens the judges, where the plan has any."""
        if asks_somebody(self._scorer.plan):
            self._loop = self._held.enter_context(asyncio.Runner())
            opening = open_askers(
                self._settings, self._scorer.plan, self._clock, PrometheusTelemetry()
            )
            self._askers = self._loop.run(opening.__aenter__())
            self._held.callback(lambda: self._closed(opening))
        return self

    def __exit__(self, *_: object) -> None:
        """Closes them."""
        self._held.close()

    def score(self, result: LlmResult) -> ScoredResult:
        """What a scorer would publish as revision 0."""
        digest = input_digest(result_to_proto(result))
        if self._loop is None:
            return self._scorer.score(result, digest)
        here = _Here(self._scorer)
        aside = Aside(self._scorer, self._clock, here, self._askers)
        found = self._loop.run(aside.measure(result, self._scorer.allot(result)))
        return self._scorer.assemble(
            result, digest, tuple(found.scores), complete=found.held_out is None
        )

    def _closed(self, opening: AbstractAsyncContextManager[Askers]) -> None:
        if self._loop is not None:
            self._loop.run(opening.__aexit__(None, None, None))


class _Open:
    """Nothing holds anything back where nobody else waits."""

    is_open = True
    absence = Absence(AbsenceReason.THROTTLED)

    async def opened(self) -> None:
        """At once."""


class _Here:
    """Long metrics in this process: a file has no event loop to stall."""

    gate = _Open()

    def __init__(self, scorer: ResultScorer) -> None:
        self._scorer = scorer

    async def evaluate(self, metric: str, result: LlmResult, deadline_s: float) -> Score:
        """However long it takes."""
        del deadline_s
        return self._scorer.evaluate(metric, result)

    async def stop(self) -> None:
        """Nothing to stop."""
