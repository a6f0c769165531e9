"""Metrics that are not for the event loop: in other processes or by judges, in a result's time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.domain.scored import MetricObservation
from plimsoll.metrics.evaluate import evaluate
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.scoring import Allotment, ResultScorer
from plimsoll.ports.clock import Clock
from plimsoll.ports.compute import Compute, Gate
from plimsoll.ports.panels import Panels, Priced

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


class Aside:
    """Takes a result through all of its metrics, the quick ones here, in the order of the plan."""

    def __init__(
        self, scorer: ResultScorer, clock: Clock, compute: Compute | None, panels: Panels | None
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
        so_far = Measured()
        names = [metric.spec.name for metric in allotment.metrics]
        for place, metric in enumerate(allotment.metrics):
            began, cost_usd = self._clock.monotonic(), None
            if metric not in allotment.aside:
                so_far.scores.append(evaluate(metric, result))
            elif metric.spec.cost is Cost.PAID:
                cost_usd = await self._judged(result, names[place:], time, so_far)
            else:
                await self._computed(result, names[place], time, so_far)
            took = timedelta(seconds=self._clock.monotonic() - began)
            so_far.observed.append(MetricObservation(names[place], took, cost_usd))
        return so_far

    async def _computed(
        self, result: LlmResult, name: str, time: ResultClock, so_far: Measured
    ) -> None:
        if self._compute is None:
            so_far.scores.append(self._scorer.absent(name, result, _NO_PROCESS))
        elif await self._in_time(self._compute.gate, result, name, time, so_far):
            so_far.scores.append(await self._compute.evaluate(name, result, time.left_s))

    async def _judged(
        self, result: LlmResult, outstanding: list[str], time: ResultClock, so_far: Measured
    ) -> float | None:
        name = outstanding[0]
        if self._panels is None:
            so_far.scores.append(self._scorer.absent(name, result, _NO_JUDGES))
        elif self._scorer.settled(result, tuple(so_far.scores), outstanding):
            so_far.scores.append(self._scorer.absent(name, result, _SETTLED))
        elif await self._in_time(self._panels.gate_of(name), result, name, time, so_far):
            priced: Priced = await self._panels.evaluate(name, result, time.left_s)
            so_far.scores.append(priced.score)
            return priced.cost_usd
        return None

    async def _in_time(
        self, gate: Gate, result: LlmResult, name: str, time: ResultClock, so_far: Measured
    ) -> bool:
        """Whether time is left past the gate; otherwise the score says what was in the way."""
        if not await time.through(gate):
            so_far.held_out = gate.absence
            so_far.scores.append(self._scorer.absent(name, result, gate.absence))
            return False
        if time.left_s <= 0:
            so_far.scores.append(self._scorer.absent(name, result, _TOO_LATE))
            return False
        return True
