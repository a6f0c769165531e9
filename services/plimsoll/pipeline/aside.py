"""Metrics that are not for the event loop: in other processes or by judges, in a result's time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost
from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Panel
from plimsoll.domain.score import Score
from plimsoll.domain.scored import MetricObservation
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.inputs import first_missing
from plimsoll.pipeline.askers import Askers
from plimsoll.pipeline.grounding import ask_guardrail
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.resampling import POLICY, Drawn
from plimsoll.pipeline.scoring import Allotment, ResultScorer
from plimsoll.ports.clock import Clock
from plimsoll.ports.compute import Compute
from plimsoll.ports.metric import AskedMetric, Metric

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

    def outstanding(self, metrics: Sequence[Metric]) -> list[str]:
        """The names of those that have no score yet."""
        found = {score.metric for score in self.scores}
        return [metric.spec.name for metric in metrics if metric.spec.name not in found]

    def put_in_order(self, metrics: Sequence[Metric]) -> None:
        """Scores in the order of the plan, whenever each was measured."""
        place = {metric.spec.name: index for index, metric in enumerate(metrics)}
        self.scores.sort(key=lambda score: place[score.metric])


class Aside:
    """Takes a result through all of its metrics: first what is free, then what has to be asked.

    A gate may hold a result back for `max_hold`, which is the plan's where it is not given.
    """

    def __init__(
        self,
        scorer: ResultScorer,
        clock: Clock,
        compute: Compute | None,
        askers: Askers,
        max_hold: timedelta | None = None,
    ) -> None:
        self._scorer = scorer
        self._max_hold = scorer.plan.max_hold if max_hold is None else max_hold
        self._clock = clock
        self._compute = compute
        self._askers = askers

    async def measure(self, result: LlmResult, allotment: Allotment) -> Measured:
        """Every metric's score; the deadline stands still while a gate holds the result back."""
        time = ResultClock(
            self._clock,
            allotment.rule.deadline.total_seconds(),
            self._max_hold.total_seconds(),
        )
        found = Measured()
        for metric in allotment.metrics:
            if metric.spec.cost is not Cost.PAID and metric not in allotment.waiting:
                await self._free(metric, result, time, found, allotment)
        if allotment.waiting:
            await self._resample(result, time, found, allotment)
        for metric in allotment.metrics:
            if metric.spec.cost is Cost.PAID and isinstance(metric, AskedMetric):
                await self._ask_metric(metric, result, time, found, allotment)
        for panel in allotment.rule.panels:
            await self._ask(panel, result, time, found, allotment)
        found.put_in_order(allotment.metrics)
        return found

    async def _free(
        self,
        metric: Metric,
        result: LlmResult,
        time: ResultClock,
        found: Measured,
        allotment: Allotment,
    ) -> None:
        if metric in allotment.aside:
            await self._compute_one(result, metric.spec.name, time, found)
        else:
            began = self._clock.monotonic()
            found.add(evaluate(metric, result), self._since(began))

    async def _compute_one(
        self, result: LlmResult, name: str, time: ResultClock, found: Measured
    ) -> None:
        began = self._clock.monotonic()
        if self._compute is None:
            score = self._scorer.absent(name, result, _NO_PROCESS)
        else:
            score = await self._in_turn(self._compute, result, name, time, found)
        found.add(score, self._since(began))

    async def _in_turn(
        self, compute: Compute, result: LlmResult, name: str, time: ResultClock, found: Measured
    ) -> Score:
        turn = compute.turn()
        try:
            if not await time.through(turn):
                found.held_out = turn.absence
                return self._scorer.absent(name, result, found.held_out)
            if time.left_s <= 0:
                return self._scorer.absent(name, result, _TOO_LATE)
            return await compute.evaluate(name, result, time.left_s, turn)
        finally:
            turn.leave()

    async def _resample(
        self, result: LlmResult, time: ResultClock, found: Measured, allotment: Allotment
    ) -> None:
        """Draws alternatives, and measures what has waited for them."""
        began = self._clock.monotonic()
        drawn = await self._drawn(result, time, found, allotment)
        found.held_out = found.held_out or drawn.held_out
        found.observed.append(MetricObservation(POLICY, self._since(began), drawn.cost_usd))
        if isinstance(drawn.outcome, Absence):
            for metric in allotment.waiting:
                score = self._scorer.absent(metric.spec.name, result, drawn.outcome)
                found.add(score, timedelta(0))
            return
        sampled = replace(result, alternatives=drawn.outcome)
        again = self._scorer.allot(sampled)
        for metric in allotment.waiting:
            await self._free(metric, sampled, time, found, again)

    async def _drawn(
        self, result: LlmResult, time: ResultClock, found: Measured, allotment: Allotment
    ) -> Drawn:
        rule = allotment.rule
        why_not = self._why_not(result, time, found, allotment)
        if why_not is not None:
            return Drawn(why_not)
        if self._askers.resampler is None or rule.resampling is None:
            return Drawn(_NO_JUDGES)
        return await self._askers.resampler.draw(
            rule.resampling, result, time, redacted=rule.redact_pii
        )

    async def _ask_metric(
        self,
        metric: AskedMetric,
        result: LlmResult,
        time: ResultClock,
        found: Measured,
        allotment: Allotment,
    ) -> None:
        """One metric that a service measures."""
        began = self._clock.monotonic()
        name = metric.spec.name
        why_not = first_missing(metric.spec.needs, result)
        if why_not is None and self._askers.guardrail is None:
            found.add(evaluate(metric, result), timedelta(0))
            return
        why_not = why_not or self._why_not(result, time, found, allotment)
        if why_not is not None or self._askers.guardrail is None:
            found.add(self._scorer.absent(name, result, why_not or _NO_JUDGES), timedelta(0))
            return
        redacted = allotment.rule.redact_pii
        asked = await ask_guardrail(metric, self._askers.guardrail, result, time, redacted=redacted)
        found.held_out = found.held_out or asked.held_out
        found.add(asked.score, self._since(began), asked.cost_usd)

    async def _ask(
        self,
        panel: Panel,
        result: LlmResult,
        time: ResultClock,
        found: Measured,
        allotment: Allotment,
    ) -> None:
        began = self._clock.monotonic()
        why_not = first_missing(panel.rubric.needs, result)
        if why_not is None and self._askers.panels is None:
            why_not = _NO_JUDGES
        why_not = why_not or self._why_not(result, time, found, allotment)
        if why_not is not None or self._askers.panels is None:
            for name in panel.metrics:
                found.add(self._scorer.absent(name, result, why_not or _NO_JUDGES), timedelta(0))
            return
        outcome = await self._askers.panels.ask(panel, result, time)
        found.held_out = found.held_out or outcome.held_out
        says, right = panel.metrics
        found.add(outcome.scores[says], self._since(began), outcome.cost_usd)
        found.add(outcome.scores[right], timedelta(0), 0.0)

    def _why_not(
        self, result: LlmResult, time: ResultClock, found: Measured, allotment: Allotment
    ) -> Absence | None:
        """Why nobody is asked any more: nothing depends on it, or it is too late."""
        outstanding = found.outstanding(allotment.metrics)
        if self._scorer.settled(result, tuple(found.scores), outstanding):
            return _SETTLED
        return _TOO_LATE if time.left_s <= 0 else None

    def _since(self, began: float) -> timedelta:
        return timedelta(seconds=self._clock.monotonic() - began)
