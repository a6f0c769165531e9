"""Scores results here and now, without Kafka, with the scorers' own core."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, ExitStack
from datetime import timedelta
from pathlib import Path

import structlog

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.combine import Combination
from plimsoll.calibration.learned import LearnedCombination, Look
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.domain.scored import ScoredResult
from plimsoll.metrics.own_strengths import own_strengths
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.aside import Aside
from plimsoll.pipeline.askers import NOBODY, Askers
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.pipeline.standing_claims import State
from plimsoll.ports.compute import Turn
from plimsoll.scorer.judges import asks_somebody, open_askers
from plimsoll.scorer.plans import plan_of
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings
from plimsoll.wire.digests import input_digest
from plimsoll.wire.results import result_to_proto

_log = structlog.get_logger(__name__)

# For a judge that is away, while somebody sits before the command.
HOLD = timedelta(seconds=60)
# Once one has waited for so long in vain, the results after it ask whether it is back.
_LATER = timedelta(seconds=2)


class LocalScorer:
    """A plan, its metrics with their tools, its judges, and the prior combination, in this process.

    `look` says what labels have taught; None is nothing. `claims` says how promises about claims
    stand; without it they stand as they were learned.
    Judges are asked one result at a time, through the scorers' own memo, limits and budgets. One
    that is away holds a result back for `max_hold` at most, or for the plan's where that is less,
    and the results after it hardly at all until it has answered again.
    """

    def __init__(
        self,
        plan_file: Path | None,
        settings: Settings,
        max_hold: timedelta = HOLD,
        look: Look | None = None,
        *,
        claims: State | None = None,
    ) -> None:
        tools = build_tools(ToolSettings.of(settings))
        metrics = registered_metrics(tools)
        names = [metric.spec.name for metric in metrics]
        own = own_strengths(settings.strengths)
        plan = plan_of(settings, plan_file, names, own)
        prior = Combination.load_prior()
        self.prior_id = prior.calibration_id
        combination = prior if look is None else LearnedCombination(prior, look)
        self._scorer = ResultScorer(plan, metrics, combination, tools, own, claims=claims)
        self._settings = settings
        self._longest = self._hold = min(max_hold, plan.max_hold)
        self._in_vain = False
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

    @property
    def bases(self) -> frozenset[str]:
        """What points may be made of, by the plan and its tools."""
        return self._scorer.bases

    def score(self, result: LlmResult) -> ScoredResult:
        """What a scorer would publish as revision 0."""
        digest = input_digest(result_to_proto(result))
        if self._loop is None:
            return self._scorer.score(result, digest)
        here = _Here(self._scorer)
        aside = Aside(self._scorer, self._clock, here, self._askers, self._hold)
        found = self._loop.run(aside.measure(result, self._scorer.allot(result)))
        self._note(found.held_out)
        return self._scorer.assemble(
            result, digest, tuple(found.scores), complete=found.held_out is None
        )

    def _note(self, held_out: Absence | None) -> None:
        """Says once that results wait in vain; from then on they hardly wait."""
        if held_out is None:
            self._hold, self._in_vain = self._longest, False
        elif not self._in_vain:
            self._hold, self._in_vain = min(_LATER, self._longest), True
            _log.warning(
                "judge.given_up",
                after_s=self._longest.total_seconds(),
                reason=held_out.reason.value,
                detail=held_out.detail,
                next_wait_s=self._hold.total_seconds(),
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

    def leave(self) -> None:
        """Nobody is behind."""


class _Here:
    """Long metrics in this process: a file has no event loop to stall."""

    def __init__(self, scorer: ResultScorer) -> None:
        self._scorer = scorer

    def turn(self) -> Turn:
        """At once."""
        return _Open()

    async def evaluate(
        self, metric: str, result: LlmResult, deadline_s: float, turn: Turn | None = None
    ) -> Score:
        """However long it takes."""
        del deadline_s, turn
        return self._scorer.evaluate(metric, result)

    async def stop(self) -> None:
        """Nothing to stop."""
