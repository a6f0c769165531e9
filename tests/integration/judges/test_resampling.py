"""Alternatives from end to end: a plan, an emulated Bedrock, and metrics that work on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.calibration.combine import Combination
from plimsoll.domain.absence import AbsenceReason
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
from tests.support.bedrock import IDENTITY
from tests.support.counting_telemetry import Figures

MODEL = "amazon.nova-lite-v1:0"
PLAN = """\
rules:
  - {metrics: [exact_match_rate, response_length], resampling: {samples: 5}, deadline: 60s}
"""
TEXTS = ("Paris.", "Paris.", "Paris.", "Lyon.", "Paris.")
SAYS = Script(texts={"capital of France": TEXTS})
ASKED = LlmResult(
    key=ResultKey("acme", "r-1"),
    response=Response("Paris."),
    gen_ai=GenAi(request_model=f"eu.{MODEL}"),
    messages=(Message("system", "Be brief."), Message("user", "What is the capital of France?")),
    language="en",
)


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that boto3 finds."""
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


def settings_for(url: str, folder: Path, **judges: object) -> Settings:
    """One judge on the emulator; its memo in a folder of the test."""
    mine = {"path": folder / "judges.db", **judges}
    bedrock = {"region": "us-east-1", "endpoint_url": url, "judges": {"lite": MODEL}}
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


async def test_alternatives_are_drawn_and_never_twice(tmp_path: Path) -> None:
    """Five are drawn from the result's own model; a redelivery and a restart ask nobody."""
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        digests = []
        for _ in range(2):
            async with scoring(settings, PLAN, tmp_path) as path:
                for _ in range(2):
                    scored = await score(path)
                    digests.append(scored.content_digest)
                    assert emulator.journal.document()["calls"] == len(TEXTS)
    assert len(set(digests)) == 1
    found = values(scored)["exact_match_rate"]
    assert found.value == pytest.approx(0.8)
    facts = dict(found.provenance)
    assert (facts["m"], facts["sampled_by"], facts["sampler_model"]) == ("5", "plimsoll", MODEL)
    assert [s.metric for s in scored.scores] == ["exact_match_rate", "response_length"]


async def test_it_is_paid_for_once_and_said(tmp_path: Path) -> None:
    """The event says what drawing has cost, and nothing the second time."""
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            costs = []
            for _ in range(2):
                observed = (await score(path)).observation
                assert observed is not None
                found = {one.metric: one.cost_usd for one in observed.metrics}
                costs.append(found["resampling"])
    assert costs[0] is not None
    assert costs[0] > 0
    assert costs[1] == 0


async def test_a_spent_budget_is_an_absence(tmp_path: Path) -> None:
    """Where the budget has nothing left no call is made, and the metric says so."""
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path, budget_tokens={"acme/resampling": 10})
        async with scoring(settings, PLAN, tmp_path) as path:
            scored = await score(path)
        assert emulator.journal.document()["calls"] == 0
    absence = values(scored)["exact_match_rate"].absence
    assert absence.reason is AbsenceReason.BUDGET_EXHAUSTED
    assert values(scored)["response_length"].value is not None


async def test_some_are_better_than_none(tmp_path: Path) -> None:
    """Samples that were cut or filtered are left out, for good; the metric tells what it had."""
    steps = (Step(fault="stop:max_tokens", times=2), Step(fault="stop:content_filtered"))
    async with Emulator(SAYS.model_copy(update={"steps": steps})) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            first, second = await score(path), await score(path)
        assert emulator.journal.document()["calls"] == len(TEXTS)
    assert first.content_digest == second.content_digest
    found = values(first)["exact_match_rate"]
    assert dict(found.provenance)["m"] == "2"
    assert "low_sample" in found.flags


async def test_none_at_all_says_why(tmp_path: Path) -> None:
    """A model that refuses every time leaves an absence with the reason, not a number."""
    steps = (Step(fault="stop:content_filtered", times=5),)
    async with Emulator(SAYS.model_copy(update={"steps": steps})) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            scored = await score(path)
    absence = values(scored)["exact_match_rate"].absence
    assert absence.reason is AbsenceReason.CONTENT_FILTERED
    assert "none of 5 alternatives" in absence.detail


async def test_whoever_does_not_serve_the_model_is_not_asked(tmp_path: Path) -> None:
    """A model that no judge has is `not_configured`; one that the rule names is asked."""
    other = LlmResult(
        key=ASKED.key, response=ASKED.response, messages=ASKED.messages, language="en"
    )
    named = PLAN.replace("samples: 5", "samples: 3, judge: lite")
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            absence = values(await score(path, other))["exact_match_rate"].absence
        assert emulator.journal.document()["calls"] == 0
        async with scoring(settings, named, tmp_path) as path:
            found = values(await score(path, other))["exact_match_rate"]
        assert emulator.journal.document()["calls"] == 3
    assert absence.reason is AbsenceReason.NOT_CONFIGURED
    assert dict(found.provenance)["m"] == "3"


async def test_throttles_hold_the_result_back_and_lose_nothing(tmp_path: Path) -> None:
    """Throttled calls are made again: all five come in the end."""
    steps = (Step(fault="throttling", times=2),)
    async with Emulator(SAYS.model_copy(update={"steps": steps})) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            scored = await score(path)
    assert dict(values(scored)["exact_match_rate"].provenance)["m"] == "5"
