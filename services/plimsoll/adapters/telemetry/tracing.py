"""Spans and evaluation events by OpenTelemetry, sent over OTLP by threads of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from opentelemetry import context as contexts
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from plimsoll.adapters.telemetry.evaluations import evaluations
from plimsoll.adapters.telemetry.sampling import Sampling
from plimsoll.domain.scored import ScoredResult
from plimsoll.ports.tracing import EVALUATION, NO_TRACE, Facts, Span, SpanType, TraceContext
from plimsoll.settings.telemetry import EvaluationEvents, TelemetrySettings

_SCOPE = "plimsoll"
_MAX_QUEUE = 4_096
_MAX_BATCH = 512
_SEND_EVERY_MS = 1_000
_SEND_TIMEOUT_S = 5.0
_STOP_TIMEOUT_S = 2.0
_PROPAGATOR = TraceContextTextMapPropagator()


class OtelTracing:
    """One service's spans; what cannot be sent is dropped, and nobody waits for it."""

    def __init__(self, settings: TelemetrySettings, service: str, version: str) -> None:
        base = settings.otlp_endpoint.rstrip("/")
        resource = Resource.create(
            {"service.name": f"plimsoll-{service}", "service.version": version}
        )
        self._spans = TracerProvider(
            sampler=Sampling(settings.sampling_ratio), resource=resource, shutdown_on_exit=False
        )
        to_spans = OTLPSpanExporter(endpoint=f"{base}/v1/traces", timeout=_SEND_TIMEOUT_S)
        to_events = OTLPLogExporter(endpoint=f"{base}/v1/logs", timeout=_SEND_TIMEOUT_S)
        self._give_up: tuple[Callable[[], None], ...] = (to_spans.shutdown, to_events.shutdown)
        self._spans.add_span_processor(
            BatchSpanProcessor(
                to_spans,
                max_queue_size=_MAX_QUEUE,
                schedule_delay_millis=_SEND_EVERY_MS,
                max_export_batch_size=_MAX_BATCH,
            )
        )
        self._events = LoggerProvider(resource=resource, shutdown_on_exit=False)
        self._events.add_log_record_processor(
            BatchLogRecordProcessor(
                to_events,
                max_queue_size=_MAX_QUEUE,
                schedule_delay_millis=_SEND_EVERY_MS,
                max_export_batch_size=_MAX_BATCH,
            )
        )
        self._tracer = self._spans.get_tracer(_SCOPE, version)
        self._logger = self._events.get_logger(_SCOPE, version)
        self._told = settings.evaluation_events

    def begin(
        self,
        what: SpanType,
        about: str,
        facts: Facts,
        *,
        parent: TraceContext | None = None,
        links: Sequence[TraceContext] = (),
    ) -> Span:
        """A span within the active one, or within `parent` where that is given, even if empty."""
        start, _, rest = what.name.partition("{")
        return _Span(
            self._tracer.start_span(
                f"{start}{about}{rest.partition('}')[2]}",
                context=None if parent is None else _context(parent),
                kind=SpanKind[what.kind.name],
                attributes=facts,
                links=[Link(found) for one in links if (found := _span_context(one)).is_valid],
            )
        )

    def evaluated(self, scored: ScoredResult, origin: TraceContext, span: Span) -> None:
        """Tells what was found of a result, at `origin`, or at `span` where there is none."""
        if self._told is EvaluationEvents.NONE or not span.context.parent:
            return
        at = _context(origin if origin.parent else span.context)
        now = time.time_ns()
        for attributes in evaluations(scored, each=self._told is EvaluationEvents.SCORES):
            self._logger.emit(
                LogRecord(
                    timestamp=now,
                    context=at,
                    severity_number=SeverityNumber.INFO,
                    event_name=EVALUATION,
                    attributes=attributes,
                )
            )

    def stop(self) -> None:
        """Sends what is left, for two seconds at most; then nothing is tried again."""
        threads = [
            Thread(target=provider.shutdown, name="telemetry-stop", daemon=True)
            for provider in (self._spans, self._events)
        ]
        for thread in threads:
            thread.start()
        until = time.monotonic() + _STOP_TIMEOUT_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        for thread, give_up in zip(threads, self._give_up, strict=True):
            if thread.is_alive():
                give_up()


class _Span:
    """A span of OpenTelemetry's."""

    __slots__ = ("_span",)

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    @property
    def context(self) -> TraceContext:
        """What to send along; NO_TRACE where the span is not sampled."""
        at = self._span.get_span_context()
        if not at.trace_flags.sampled:
            return NO_TRACE
        parent = f"00-{at.trace_id:032x}-{at.span_id:016x}-{int(at.trace_flags):02x}"
        return TraceContext(parent, at.trace_state.to_header())

    def note(self, facts: Facts) -> None:
        """Adds attributes."""
        self._span.set_attributes(dict(facts))

    def link(self, context: TraceContext) -> None:
        """Says that another trace belongs to this; one that is none is passed over."""
        if (found := _span_context(context)).is_valid:
            self._span.add_link(found)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Makes it the parent of spans that begin within."""
        token = contexts.attach(set_span_in_context(self._span))
        try:
            yield
        finally:
            contexts.detach(token)

    def end(self, error_type: str = "") -> None:
        """Ends it; `error_type` is one word of a closed list, '' where all went well."""
        if error_type:
            self._span.set_attribute("error.type", error_type)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


def _context(at: TraceContext) -> Context:
    carrier = {"traceparent": at.parent, "tracestate": at.state}
    return _PROPAGATOR.extract(carrier, Context())


def _span_context(at: TraceContext) -> SpanContext:
    return get_current_span(_context(at)).get_span_context()
