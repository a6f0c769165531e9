"""Spans and events as a collector gets them, and collectors that are away or hang."""

from __future__ import annotations

import threading

import pytest

from plimsoll.adapters.telemetry import tracing as sending
from plimsoll.adapters.telemetry.opening import open_tracing
from plimsoll.adapters.telemetry.tracing import OtelTracing
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.outcome import Outcome, Park, Publish
from plimsoll.domain.record import OutRecord, Record
from plimsoll.pipeline.traced import projecting
from plimsoll.ports.tracing import EVALUATION, MEASURING, NO_TRACE, TraceContext, Tracing
from plimsoll.settings.telemetry import EvaluationEvents, TelemetrySettings
from tests.support.otlp import Receiver, receiver
from tests.support.ports import free_port
from tests.unit.metrics.results import result
from tests.unit.pipeline.test_results import Walk, event, record

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = f"00-{TRACE}-{SPAN}-01"
PATIENCE_MS = 120_000
UNSAMPLED = f"00-{'2' * 32}-{SPAN}-00"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still while spans are on their way costs none of them."""
    monkeypatch.setattr(sending, "_SEND_TIMEOUT_S", PATIENCE_MS / 1_000)


def tracing(url: str, ratio: float = 1.0, told: str = "confidence") -> Tracing:
    """A service's spans to a collector."""
    settings = TelemetrySettings(
        otlp_endpoint=url, sampling_ratio=ratio, evaluation_events=EvaluationEvents(told)
    )
    opened = open_tracing(settings, "test")
    assert opened is not None
    return opened


def sent_off(spans: Tracing, collector: Receiver, *names: str, events: int = 0) -> None:
    """Sends what is left, however long that takes, waits for its arrival, and stops."""
    assert isinstance(spans, OtelTracing)
    assert spans._spans.force_flush(PATIENCE_MS)
    assert spans._events.force_flush(PATIENCE_MS)
    spans.stop()
    collector.until(*names, events=events)


def came_with(traceparent: str, tracestate: str = "") -> Record:
    """A result whose producer traces."""
    plain = record(result())
    headers = (("traceparent", traceparent.encode()), ("tracestate", tracestate.encode()))
    return plain._replace(headers=(*plain.headers, *headers))


def sent(outcome: Outcome) -> OutRecord:
    """The scored event of an outcome."""
    assert isinstance(outcome, Publish)
    return outcome.records[-1]


def header(out: OutRecord, name: str) -> list[str]:
    """All values of a header."""
    return [value.decode() for key, value in out.headers if key == name]


def test_a_result_is_scored_in_the_trace_that_came_with_it() -> None:
    """The span's parent is the producer's; the event has the context of its making, and state."""
    with receiver() as collector:
        spans = tracing(collector.url)
        (outcome,) = Walk(tracing=spans).at_once(came_with(SAMPLED, "vendor=1"))
        sent_off(spans, collector, "process results", "create scores", events=1)
    scoring, made = collector.one("process results"), collector.one("create scores")
    assert (scoring.trace, scoring.parent, made.parent) == (TRACE, SPAN, scoring.span)
    assert header(sent(outcome), "traceparent") == [f"00-{TRACE}-{made.span}-01"]
    assert header(sent(outcome), "tracestate") == ["vendor=1"]
    observed = event(outcome).observation
    assert observed is not None
    assert observed.traceparent == SAMPLED
    (told,) = collector.events
    assert (told.name, told.trace, told.span) == (EVALUATION, TRACE, SPAN)
    assert told.facts["gen_ai.evaluation.name"] == "confidence"


def test_an_event_is_the_same_with_traces_and_without() -> None:
    """Value and headers differ in the trace's context alone, and digests not at all."""
    (plain,) = Walk().at_once(came_with(SAMPLED))
    with receiver() as collector:
        spans = tracing(collector.url)
        (outcome,) = Walk(tracing=spans).at_once(came_with(SAMPLED))
        sent_off(spans, collector, "process results")
    assert event(outcome) == event(plain)
    traced = [pair for pair in sent(outcome).headers if pair[0] != "traceparent"]
    assert traced == [pair for pair in sent(plain).headers if pair[0] != "traceparent"]


def test_what_is_not_sampled_is_passed_on_as_it_came() -> None:
    """The parent decides, whatever the share is; without a parent the share does."""
    with receiver() as collector:
        spans = tracing(collector.url, ratio=1.0)
        (unsampled,) = Walk(tracing=spans).at_once(came_with(UNSAMPLED))
        none = tracing(collector.url, ratio=0.0)
        (sampled,) = Walk(tracing=none).at_once(came_with(SAMPLED))
        (alone,) = Walk(tracing=none).at_once(record(result()))
        spans.stop()
        sent_off(none, collector, "process results")
    assert header(sent(unsampled), "traceparent") == [UNSAMPLED]
    assert header(sent(sampled), "traceparent") != [SAMPLED]
    assert header(sent(alone), "traceparent") == []
    assert {seen.trace for seen in collector.spans} == {TRACE}


def test_a_trace_begins_where_none_came() -> None:
    """Then the observation names it, so that a look-up can link to it."""
    with receiver() as collector:
        spans = tracing(collector.url)
        (outcome,) = Walk(tracing=spans).at_once(record(result()))
        sent_off(spans, collector, "process results")
    scoring = collector.one("process results")
    observed = event(outcome).observation
    assert observed is not None
    assert observed.traceparent[:-2] == f"00-{scoring.trace}-{scoring.span}-"
    assert scoring.parent == ""


def test_a_context_that_is_none_is_passed_over() -> None:
    """Headers of anybody's cannot break a span: they begin a new trace."""
    with receiver() as collector:
        spans = tracing(collector.url)
        Walk(tracing=spans).at_once(came_with("00-zz", "\x00=="))
        sent_off(spans, collector, "process results")
    assert collector.one("process results").parent == ""


def test_poison_ends_its_span_with_its_reason() -> None:
    """An event that cannot be published is an error of one word."""
    with receiver() as collector:
        spans = tracing(collector.url)
        (outcome,) = Walk(tracing=spans, max_scored_bytes=10).at_once(came_with(SAMPLED))
        sent_off(spans, collector, "process results")
    assert isinstance(outcome, Park)
    assert collector.one("process results").facts["error.type"] == outcome.reason


def test_each_score_is_told_where_that_is_asked_for() -> None:
    """A value, or the reason of an absence that was worth a number; never an explanation."""
    with receiver() as collector:
        spans = tracing(collector.url, told="scores")
        (outcome,) = Walk(tracing=spans).at_once(came_with(SAMPLED))
        scores = event(outcome).scores
        worth = [s for s in scores if s.absence is None or s.absence.reason.widens]
        sent_off(spans, collector, "process results", events=1 + len(worth))
    told = {seen.facts["gen_ai.evaluation.name"]: seen.facts for seen in collector.events}
    for score in scores:
        if score.absence is None:
            assert told[score.metric]["gen_ai.evaluation.score.value"] == score.outcome
        elif score.absence.reason.widens:
            assert told[score.metric]["error.type"] == score.absence.reason.value
        else:
            assert score.metric not in told
    assert all("gen_ai.evaluation.explanation" not in facts for facts in told.values())


def test_a_batch_has_a_link_to_each_of_its_traces() -> None:
    """It is sampled where any of them is, and there is no span where none came with a trace."""
    other = f"00-{'1' * 32}-{SPAN}-00"
    with receiver() as collector:
        spans = tracing(collector.url, ratio=0.0)
        for batch in (
            [came_with(SAMPLED), came_with(other)],
            [came_with(other)],
            [record(result())],
        ):
            with projecting(spans, batch):
                pass
        sent_off(spans, collector, "process results")
    seen = collector.one("process results")
    assert seen.links == (TRACE, "1" * 32)
    assert seen.facts["messaging.batch.message_count"] == 2


@pytest.mark.parametrize("hangs", [True, False])
def test_a_collector_that_is_away_or_hangs_costs_nothing_but_spans(hangs: bool) -> None:
    """Far more than the queue holds is scored and dropped; stopping ends, and so do its threads."""
    before = set(threading.enumerate())
    with receiver(hangs=True) as collector:
        url = collector.url if hangs else f"http://127.0.0.1:{free_port()}"
        spans = tracing(url)
        walk = Walk(tracing=spans)
        (outcome,) = walk.at_once(came_with(SAMPLED))
        for _ in range(5_000):
            spans.begin(MEASURING, "x", {}, parent=TraceContext(SAMPLED)).end()
        if hangs:
            assert collector.asked.wait(60)
        (again,) = walk.at_once(came_with(SAMPLED))
        spans.stop()
    assert event(outcome) == event(again)
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith(("Otel", "telemetry")):
            thread.join(120)
            assert not thread.is_alive()


def test_an_endpoint_has_to_be_one() -> None:
    """A wrong one is said before anything starts; none opens nothing."""
    with pytest.raises(ConfigurationError, match="otlp_endpoint"):
        open_tracing(TelemetrySettings(otlp_endpoint="collector:4317"), "test")
    assert open_tracing(TelemetrySettings(), "test") is None


def test_spans_begin_within_the_active_one() -> None:
    """And within none where `parent` says so."""
    with receiver() as collector:
        spans = tracing(collector.url)
        outer = spans.begin(MEASURING, "outer", {}, parent=NO_TRACE)
        with outer.active():
            spans.begin(MEASURING, "inner", {}).end()
            spans.begin(MEASURING, "apart", {}, parent=NO_TRACE).end()
        outer.end()
        sent_off(spans, collector, "measure outer", "measure inner", "measure apart")
    inner, apart = collector.one("measure inner"), collector.one("measure apart")
    assert inner.parent == collector.one("measure outer").span
    assert apart.parent == ""
