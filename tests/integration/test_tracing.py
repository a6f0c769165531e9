"""One trace from the producer through the scorer and a judge to the store and the look-up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from opentelemetry import trace

from plimsoll.adapters.telemetry.opening import open_tracing
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult, Message, Response
from plimsoll.indexer.app import run_indexer
from plimsoll.ports.store import ScoreFilter
from plimsoll.ports.tracing import EVALUATION, NO_TRACE, SpanKind, SpanType
from plimsoll.query.app import run_query
from plimsoll.scorer.app import run_scorer
from plimsoll.sdk import Plimsoll
from plimsoll.settings.model import Settings
from tests.integration.test_indexer import cancelled, counted, started
from tests.support.asking import patient_client
from tests.support.bedrock import IDENTITY
from tests.support.emulator_process import emulator_process
from tests.support.otlp import Receiver, receiver

pytestmark = pytest.mark.kafka

MODEL = "amazon.nova-lite-v1:0"
PLAN = """\
panels:
  - {name: judge_correctness, rubric: correctness, judges: [lite]}
rules:
  - {metrics: [response_length], panels: [judge_correctness], deadline: 60s}
"""
WORDS = ("zanzibar-prompt", "zanzibar-response")
RESULT = LlmResult(
    key=ResultKey("acme", "traced"),
    response=Response(f"Paris, {WORDS[1]}."),
    messages=(Message("user", f"What is the capital of France, {WORDS[0]}?"),),
    language="en",
)
LISTED = "plimsoll.v1.ConfidenceService/ListConfidences"
UPSTREAM = SpanType("upstream {what}", SpanKind.CLIENT, "A service of the user.", ())


def traced(settings: Settings, emulator: str, collector: str, folder: Path) -> Settings:
    """The deployment with a judge and a collector."""
    plan = folder / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    judges = {"region": "us-east-1", "endpoint_url": emulator, "judges": {"lite": MODEL}}
    changed = settings.model_dump(mode="json") | {
        "bedrock": judges,
        "telemetry": {"otlp_endpoint": collector, "evaluation_events": "scores"},
    }
    changed["scorer"] |= {"plan_file": str(plan), "telemetry_port": 0}
    changed["judges"] |= {"path": str(folder / "judges.db")}
    return Settings.model_validate(changed)


async def run_through(settings: Settings, arrived: Callable[[], None]) -> str:
    """Publishes within a span and looks up within another; gives the ID of their trace.

    What was not sent by the end of a service is dropped after a moment, so `arrived` comes first.
    """
    upstream = open_tracing(settings.telemetry, "upstream")
    assert upstream is not None
    services = [await started(run, settings) for run in (run_scorer, run_indexer, run_query)]
    try:
        span = upstream.begin(UPSTREAM, "shop", {}, parent=NO_TRACE)
        with span.active():
            async with Plimsoll(settings=settings) as client:
                await client.publish(RESULT)
            await counted(settings, 1)
            async with patient_client(settings.query.listen) as look_ups:
                await look_ups.get(RESULT.key)
                await look_ups.list(ScoreFilter())
        span.end()
        await asyncio.to_thread(arrived)
        return trace_id(span.context.parent)
    finally:
        await cancelled(*services)
        upstream.stop()


def trace_id(traceparent: str) -> str:
    """The trace of a W3C traceparent."""
    return traceparent.split("-")[1]


async def test_one_trace_from_producer_to_look_up(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spans of four services are connected, by parents and links; no text is in any of them."""
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    assert not trace.get_current_span().get_span_context().is_valid
    with emulator_process(tmp_path) as emulator, receiver() as collector:
        whole = traced(settings, emulator.url, collector.url, tmp_path)
        results, scores = whole.topics.results, whole.topics.scores
        look_up = "plimsoll.v1.ConfidenceService/GetConfidence"
        spans = (
            "upstream shop",
            f"process {results}",
            f"chat {MODEL}",
            f"create {scores}",
            f"process {scores}",
            look_up,
            LISTED,
        )
        made_in = await run_through(whole, lambda: collector.until(*spans, events=3))
        check(collector, made_in, results, scores, look_up)
        sent = b"".join(collector.raw)
        assert not any(word.encode() in sent for word in WORDS)
        assert not any(secret.encode() in sent for secret in IDENTITY.values() if len(secret) > 12)


def check(collector: Receiver, made_in: str, results: str, scores: str, look_up: str) -> None:
    """Who is whose parent, and what each says."""
    upstream, scoring = collector.one("upstream shop"), collector.one(f"process {results}")
    judged, made = collector.one(f"chat {MODEL}"), collector.one(f"create {scores}")
    projected, asked = collector.one(f"process {scores}"), collector.one(look_up)
    assert (scoring.parent, judged.parent, made.parent) == (
        upstream.span,
        scoring.span,
        scoring.span,
    )
    assert {one.trace for one in (upstream, scoring, judged, made, asked)} == {made_in}
    assert asked.parent == upstream.span
    assert asked.links == collector.one(LISTED).links == (made_in,)
    assert asked.facts["rpc.response.status_code"] == "OK"
    assert projected.links == (made_in,)
    assert projected.trace != made_in
    assert judged.facts["gen_ai.provider.name"] == "aws.bedrock"
    assert judged.facts["gen_ai.usage.input_tokens"] > 0
    assert scoring.facts["plimsoll.result_id"] == "traced"
    told = {event.facts["gen_ai.evaluation.name"]: event for event in collector.events}
    assert {"confidence", "judge_correctness"} <= told.keys()
    for event in told.values():
        assert (event.name, event.trace, event.span) == (EVALUATION, made_in, upstream.span)
        assert "gen_ai.evaluation.score.value" in event.facts or event.facts["error.type"]
