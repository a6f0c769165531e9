"""Scores results here and now, without Kafka, with the scorers' own core."""

from __future__ import annotations

from pathlib import Path

from plimsoll.calibration.combine import Combination
from plimsoll.domain.result import LlmResult
from plimsoll.domain.scored import ScoredResult
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings
from plimsoll.settings.plan import load_plan
from plimsoll.wire.digests import input_digest
from plimsoll.wire.results import result_to_proto


class LocalScorer:
    """A plan, its metrics with their tools, and the prior combination, in this process."""

    def __init__(self, plan_file: Path | None, settings: Settings) -> None:
        metrics = registered_metrics(build_tools(ToolSettings.of(settings)))
        plan = load_plan(plan_file, [metric.spec.name for metric in metrics])
        self._scorer = ResultScorer(plan, metrics, Combination.load_prior())

    def score(self, result: LlmResult) -> ScoredResult:
        """What a scorer would publish as revision 0."""
        return self._scorer.score(result, input_digest(result_to_proto(result)))
