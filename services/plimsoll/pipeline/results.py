"""The path of a record of results: decode, score, encode; nothing is sent or committed here."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from plimsoll.domain.absence import Absence
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.outcome import Outcome, Park, Publish, Skip
from plimsoll.domain.quick import quick
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.domain.rescore import RescoreRequest
from plimsoll.domain.score import Score
from plimsoll.domain.scored import MetricObservation, Observation, ScoredResult
from plimsoll.metrics.evaluate import evaluate
from plimsoll.pipeline.aside import Aside
from plimsoll.pipeline.askers import NOBODY, Askers
from plimsoll.pipeline.attempt import Outcomes
from plimsoll.pipeline.bodies import refers, with_bodies
from plimsoll.pipeline.scoring import Allotment, ResultScorer
from plimsoll.pipeline.sealing import EvidenceSeals, has_evidence
from plimsoll.pipeline.traced import OTHER, scoring_span, trace_of, traced_event
from plimsoll.pipeline.unknown_fields import UnknownFields
from plimsoll.ports.bodies import Bodies
from plimsoll.ports.clock import Clock
from plimsoll.ports.compute import Compute
from plimsoll.ports.telemetry import ABSENCES, HELD_OUT, SCORING_SECONDS, Telemetry
from plimsoll.ports.tracing import Span, Tracing
from plimsoll.wire.headers import (
    CE_TYPE,
    CONTENT_TYPE,
    TRACEPARENT,
    TRACESTATE,
    text_header,
    traceparent_of,
)
from plimsoll.wire.records import Decoded, IngestRules, decode, first_place
from plimsoll.wire.rescores import decode_rescore, encode_rescore
from plimsoll.wire.scored import encode_scored

_observation = quick(Observation)
_metric_observation = quick(MetricObservation)
_position = quick(Position)


@dataclass(frozen=True, slots=True)
class Routes:
    """Where records come from and go to; `rules` by source topic."""

    rules: Mapping[str, IngestRules]
    scores_topic: str
    rescores_topic: str
    max_scored_bytes: int
    scorer: str
    max_bodies_bytes: int = 0


@dataclass(slots=True)
class Job:
    """One result to score: its source record, its revision, and since when it is in hand."""

    record: Record
    decoded: Decoded
    revision: int
    since: float
    span: Span | None = None


class ResultPath:
    """Turns a record into outcomes, at once where nothing has to be waited for."""

    def __init__(
        self,
        scorer: ResultScorer,
        routes: Routes,
        clock: Clock,
        telemetry: Telemetry,
        compute: Compute | None,
        *,
        askers: Askers = NOBODY,
        bodies: Bodies | None = None,
        tracing: Tracing | None = None,
        seals: EvidenceSeals | None = None,
    ) -> None:
        self._tracing = tracing
        self._seals = seals
        self._scorer = scorer
        self._bodies = bodies
        self._routes = routes
        self._clock = clock
        self._telemetry = telemetry
        self._aside = Aside(scorer, clock, compute, askers)
        self._unknown = UnknownFields(telemetry)

    def __call__(self, record: Record) -> Outcomes | Coroutine[Any, Any, Outcomes]:
        """Outcomes of every result in the record; a coroutine where a long metric runs aside."""
        if record.topic == self._routes.rescores_topic:
            request = decode_rescore(record)
            source = _as_ingested(request)
            items = decode(source, self._rules_of(source))
            chosen = tuple(i for i in items if i.index in {None, request.source.index})
            if not chosen:
                return (Skip("rescore_without_result"),)
            return self._score_all(source, chosen, request.revision)
        return self._score_all(record, decode(record, self._rules_of(record)), 0)

    def _rules_of(self, record: Record) -> IngestRules:
        rules = self._routes.rules.get(record.topic)
        if rules is None:
            raise PoisonError("unknown_topic", f"no rules for results of topic {record.topic}")
        return rules

    def _score_all(
        self, record: Record, items: tuple[Decoded | PoisonError, ...], revision: int
    ) -> Outcomes | Coroutine[Any, Any, Outcomes]:
        begun = [self._begin(record, item, revision) for item in items]
        at_once = tuple(b for b in begun if not asyncio.iscoroutine(b))
        if len(at_once) == len(begun):
            return at_once
        return _wait_for_all(begun)

    def _begin(
        self, record: Record, item: Decoded | PoisonError, revision: int
    ) -> Outcome | Coroutine[Any, Any, Outcome]:
        if isinstance(item, PoisonError):
            return Park(item.reason, item.detail, item.index, item.key)
        if item.unknown_fields:
            self._unknown.note(record.topic, item.unknown_fields)
        job = Job(record, item, revision, self._clock.monotonic())
        if self._tracing is not None:
            return self._traced(job, self._tracing)
        return self._start(job)

    def _traced(self, job: Job, tracing: Tracing) -> Outcome | Coroutine[Any, Any, Outcome]:
        """The same within a span."""
        job.span = span = scoring_span(tracing, job.record, job.decoded.result.key, job.revision)
        ended = OTHER
        outcome: Outcome | Coroutine[Any, Any, Outcome] | None = None
        try:
            with span.active():
                outcome = self._start(job)
            ended = outcome.reason if isinstance(outcome, Park) else ""
        finally:
            if not asyncio.iscoroutine(outcome):
                span.end(ended)
        return _within(span, outcome) if asyncio.iscoroutine(outcome) else outcome

    def _start(self, job: Job) -> Outcome | Coroutine[Any, Any, Outcome]:
        if self._bodies is not None and refers(job.decoded.result):
            return self._score_fetched(job, self._bodies)
        return self._score(job)

    async def _score_fetched(self, job: Job, bodies: Bodies) -> Outcome:
        whole = await with_bodies(job.decoded.result, bodies, self._routes.max_bodies_bytes)
        job.decoded = replace(job.decoded, result=whole)
        outcome = self._score(job)
        return await outcome if asyncio.iscoroutine(outcome) else outcome

    def _score(self, job: Job) -> Outcome | Coroutine[Any, Any, Outcome]:
        allotment = self._scorer.allot(job.decoded.result)
        if allotment.aside or allotment.waiting:
            return self._score_aside(job, allotment)
        return self._score_here(job, allotment)

    def _score_here(self, job: Job, allotment: Allotment) -> Outcome | Coroutine[Any, Any, Outcome]:
        scores: list[Score] = []
        observed: list[MetricObservation] = []
        at = self._clock.monotonic()
        for metric in allotment.metrics:
            scores.append(evaluate(metric, job.decoded.result))
            now = self._clock.monotonic()
            observed.append(_metric_observation(metric.spec.name, timedelta(seconds=now - at)))
            at = now
        return self._publish(job, tuple(scores), tuple(observed))

    async def _score_aside(self, job: Job, allotment: Allotment) -> Outcome:
        found = await self._aside.measure(job.decoded.result, allotment)
        outcome = self._publish(job, tuple(found.scores), tuple(found.observed), found.held_out)
        return await outcome if asyncio.iscoroutine(outcome) else outcome

    def _publish(
        self,
        job: Job,
        scores: tuple[Score, ...],
        observed: tuple[MetricObservation, ...],
        held_out: Absence | None = None,
    ) -> Outcome | Coroutine[Any, Any, Outcome]:
        decoded = job.decoded
        scored = self._scorer.assemble(
            decoded.result,
            decoded.input_digest,
            scores,
            revision=job.revision,
            complete=held_out is None,
            observation=self._observation(job, observed),
        )
        if self._seals is not None and has_evidence(scored):
            return self._publish_sealed(job, scored, self._seals, held_out)
        routes = self._routes
        try:
            event = encode_scored(scored, routes.scores_topic, routes.max_scored_bytes)
        except PoisonError as error:
            return Park(error.reason, error.detail, decoded.index, scored.key)
        return self._published(job, scored, event, held_out)

    async def _publish_sealed(
        self, job: Job, scored: ScoredResult, seals: EvidenceSeals, held_out: Absence | None
    ) -> Outcome:
        routes = self._routes
        try:
            event = await seals.encode(scored, routes.scores_topic, routes.max_scored_bytes)
        except PoisonError as error:
            return Park(error.reason, error.detail, job.decoded.index, scored.key)
        return self._published(job, scored, event, held_out)

    def _published(
        self, job: Job, scored: ScoredResult, event: OutRecord, held_out: Absence | None
    ) -> Outcome:
        decoded = job.decoded
        self._tell(job, scored)
        if self._tracing is not None and job.span is not None:
            event = traced_event(self._tracing, job.span, job.record, scored, event)
        if held_out is None:
            return Publish((event,), decoded.index)
        self._telemetry.count(HELD_OUT, (held_out.reason.value,))
        if job.revision:
            # A rescore that is held back as well stays incomplete: who asks again decides.
            return Publish((event,), decoded.index)
        # Asked before the incomplete event is there: a worker that died between the two would have
        # its successor score the record whole, which the event that came first would hide for good.
        return Publish((self._ask_again(job, held_out), event), decoded.index)

    def _observation(self, job: Job, metrics: tuple[MetricObservation, ...]) -> Observation:
        record = job.record
        return _observation(
            source=_position(record.topic, record.partition, record.offset, job.decoded.index),
            publish_time=_time_of(record),
            score_time=self._clock.now(),
            latency=timedelta(seconds=self._clock.monotonic() - job.since),
            metrics=metrics,
            traceparent=traceparent_of(record) or _own_trace(job),
            scorer=self._routes.scorer,
        )

    def _ask_again(self, job: Job, held_out: Absence) -> OutRecord:
        record, result = job.record, job.decoded.result
        trace = trace_of(record)
        if not trace.parent and job.span is not None:
            trace = job.span.context
        request = RescoreRequest(
            key=result.key,
            original=record.value or b"",
            content_type=text_header(record, CONTENT_TYPE),
            ce_type=text_header(record, CE_TYPE),
            # What has no ID of its own is named by this place, as it was this time.
            source=Position(*first_place(record), job.decoded.index),
            why=f"held back: {held_out.reason.value}",
            revision=int(self._clock.now().timestamp() * 1_000_000),
            publish_time=_time_of(record),
            traceparent=trace.parent,
            tracestate=trace.state,
        )
        return encode_rescore(request, self._routes.rescores_topic)

    def _tell(self, job: Job, scored: ScoredResult) -> None:
        self._telemetry.observe(SCORING_SECONDS, self._clock.monotonic() - job.since)
        for score in scored.scores:
            if isinstance(score.outcome, Absence):
                self._telemetry.count(ABSENCES, (score.metric, score.outcome.reason.value))


async def _within(span: Span, waiting: Coroutine[Any, Any, Outcome]) -> Outcome:
    ended = OTHER
    try:
        with span.active():
            outcome = await waiting
        ended = outcome.reason if isinstance(outcome, Park) else ""
    finally:
        span.end(ended)
    return outcome


def _own_trace(job: Job) -> str:
    return "" if job.span is None else job.span.context.parent


async def _wait_for_all(begun: list[Outcome | Coroutine[Any, Any, Outcome]]) -> Outcomes:
    waiting = [b for b in begun if asyncio.iscoroutine(b)]
    arrived = iter(await asyncio.gather(*waiting))
    return tuple(next(arrived) if asyncio.iscoroutine(b) else b for b in begun)


def _time_of(record: Record) -> datetime:
    return datetime.fromtimestamp(record.timestamp_ms / 1_000, UTC)


def _as_ingested(request: RescoreRequest) -> Record:
    """The record as it once came, at its place, so that it decodes to the same result."""
    at = request.source
    headers = tuple(
        (name, text.encode())
        for name, text in (
            (CONTENT_TYPE, request.content_type),
            (CE_TYPE, request.ce_type),
            (TRACEPARENT, request.traceparent),
            (TRACESTATE, request.tracestate),
        )
        if text
    )
    timestamp_ms = round(request.publish_time.timestamp() * 1_000)
    return Record(at.topic, at.partition, at.offset, timestamp_ms, None, request.original, headers)
