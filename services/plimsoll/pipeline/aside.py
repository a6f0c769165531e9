"""Metrics that are not for the event loop: in other processes or by judges, in a result's time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost
from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Panel
from plimsoll.domain.score import Score
from plimsoll.domain.scored import MetricObservation
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.inputs import first_missing
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.panels import PanelScorer
from plimsoll.pipeline.scoring import Allotment, ResultScorer
from plimsoll.ports.clock import Clock
from plimsoll.ports.compute import Compute

_NO_PROCESS = Absence(
    AbsenceReason.NOT_CONFIGURED, "scorer.compute_processes is 0 and the metric is a long one"
)
_NO_JUDGES = Absence(AbsenceReason.NOT_CONFIGURED, "no judges can be asked here")
_TOO_LATE = Absence(AbsenceReason.TIMED_OUT, "the result's deadline had passed")
_SETTLED = Absence(AbsenceReason.NOT_NEEDED, "the verdict was settled before judges were asked")


@dataclass(slots=True)
class Measured:
    """What was measured of one result so far; `held_out` is set where a hold ran out."""

    scores: list[Score] = field(default_factory=list)
    observed: list[MetricObservation] = field(default_factory=list)
    held_out: Absence | None = None

    def add(self, score: Score, latency: timedelta, cost_usd: float | None = None) -> None:
        """One more score, and what it cost."""
        self.scores.append(score)
        self.observed.append(MetricObservation(score.metric, latency, cost_usd))


class Aside:
    """Takes a result through all of its metrics, the quick ones here, in the order of the plan."""

    def __init__(
        self,
        scorer: ResultScorer,
        clock: Clock,
        compute: Compute | None,
        panels: PanelScorer | None,
    ) -> None:
        self._scorer = scorer
        self._clock = clock
        self._compute = compute
        self._panels = panels

    async def measure(self, result: LlmResult, allotment: Allotment) -> Measured:
        """Every metric's score; the deadline stands still while a gate holds the result back."""
        time = ResultClock(
            self._clock,
            allotment.rule.deadline.total_seconds(),
            self._scorer.plan.max_hold.total_seconds(),
        )
        found = Measured()
        for metric in allotment.metrics:
            name, began = metric.spec.name, self._clock.monotonic()
            if metric.spec.cost is Cost.PAID:
                continue
            if metric not in allotment.aside:
                found.add(evaluate(metric, result), self._since(began))
            else:
                await self._compute_one(result, name, time, found)
        for panel in allotment.rule.panels:
            await self._ask(panel, result, time, found, allotment)
        return found

    async def _compute_one(
        self, result: LlmResult, name: str, time: ResultClock, found: Measured
    ) -> None:
        began = self._clock.monotonic()
        if self._compute is None:
            score = self._scorer.absent(name, result, _NO_PROCESS)
        elif not await time.through(self._compute.gate):
            found.held_out = self._compute.gate.absence
            score = self._scorer.absent(name, result, found.held_out)
        elif time.left_s <= 0:
            score = self._scorer.absent(name, result, _TOO_LATE)
        else:
            score = await self._compute.evaluate(name, result, time.left_s)
        found.add(score, self._since(began))

    async def _ask(
        self,
        panel: Panel,
        result: LlmResult,
        time: ResultClock,
        found: Measured,
        allotment: Allotment,
    ) -> None:
        began = self._clock.monotonic()
        outstanding = [metric.spec.name for metric in allotment.metrics[len(found.scores) :]]
        why_not = first_missing(panel.rubric.needs, result)
        if why_not is None and self._panels is None:
            why_not = _NO_JUDGES
        if why_not is None and self._scorer.settled(result, tuple(found.scores), outstanding):
            why_not = _SETTLED
        if why_not is None and time.left_s <= 0:
            why_not = _TOO_LATE
        if why_not is not None or self._panels is None:
            for name in panel.metrics:
                found.add(self._scorer.absent(name, result, why_not or _NO_JUDGES), timedelta(0))
            return
        outcome = await self._panels.ask(panel, result, time)
        found.held_out = found.held_out or outcome.held_out
        says, right = panel.metrics
        found.add(outcome.scores[says], self._since(began), outcome.cost_usd)
        found.add(outcome.scores[right], timedelta(0), 0.0)

    def _since(self, began: float) -> timedelta:
        return timedelta(seconds=self._clock.monotonic() - began)
