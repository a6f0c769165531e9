"""The scorer's own path on an emulated Bedrock, from a record to an event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from plimsoll.adapters.clock import SystemClock
from plimsoll.calibration.combine import Combination
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.outcome import Publish
from plimsoll.domain.record import Record
from plimsoll.domain.result import GenAi, LlmResult, Message, Response
from plimsoll.domain.scored import ScoredResult
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.results import ResultPath, Routes
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.scorer.judges import judge_models, open_askers
from plimsoll.settings.model import Settings
from plimsoll.settings.plan import load_plan
from plimsoll.wire.records import IngestRules
from plimsoll.wire.results import result_to_proto
from plimsoll.wire.scored import decode_scored
from tests.support.counting_telemetry import Figures

MODEL = "amazon.nova-lite-v1:0"
ASKED = LlmResult(
    key=ResultKey("acme", "r-1"),
    response=Response("Paris."),
    gen_ai=GenAi(request_model=f"eu.{MODEL}"),
    messages=(Message("system", "Be brief."), Message("user", "What is the capital of France?")),
    language="en",
)


def settings_for(
    url: str, folder: Path, on_bedrock: Mapping[str, object] | None = None, **judges: object
) -> Settings:
    """One judge on the emulator; its memo in a folder of the test."""
    mine = {"path": folder / "judges.db", **judges}
    bedrock: dict[str, object] = {
        "region": "us-east-1",
        "endpoint_url": url,
        "judges": {"lite": MODEL},
    }
    bedrock.update(on_bedrock or {})
    return Settings.model_validate({"bedrock": bedrock, "judges": mine})


@asynccontextmanager
async def scoring(settings: Settings, plan: str, folder: Path) -> AsyncIterator[ResultPath]:
    """The scorer's own path, from a record to an event, as a worker that has just started."""
    file = folder / "plan.yaml"
    file.write_text(plan, encoding="utf-8")
    metrics = registered_metrics()
    loaded = load_plan(file, [m.spec.name for m in metrics], judge_models(settings))
    scorer = ResultScorer(loaded, metrics, Combination.load_prior())
    routes = Routes({"results": IngestRules("protobuf")}, "scores", "rescores", 256_000, "test")
    async with open_askers(settings, loaded, SystemClock(), Figures()) as askers:
        yield ResultPath(scorer, routes, SystemClock(), Figures(), None, askers=askers)


async def score(path: ResultPath, result: LlmResult = ASKED) -> ScoredResult:
    """What is published for a result."""
    value = result_to_proto(result).SerializeToString()
    headers = (("ce_type", b"plimsoll.v1.LlmResult"),)
    record = Record("results", 0, 7, 1_700_000_000_000, result.key.encode(), value, headers)
    outcomes = path(record)
    (outcome,) = await outcomes if asyncio.iscoroutine(outcomes) else outcomes
    assert isinstance(outcome, Publish)
    return decode_scored(outcome.records[-1].value or b"")


def values(scored: ScoredResult) -> Mapping[str, Any]:
    """Scores by metric."""
    return {score.metric: score for score in scored.scores}
