"""Spans around a result's scoring, and around a batch of the indexer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import OutRecord, Record
from plimsoll.domain.scored import ScoredResult
from plimsoll.ports.tracing import (
    CREATING,
    NO_TRACE,
    PROJECTING,
    SCORING,
    Facts,
    Span,
    TraceContext,
    Tracing,
)
from plimsoll.wire.headers import TRACEPARENT, TRACESTATE, text_header, traceparent_of

# Said of what ends in a way that nobody has a word for.
OTHER = "_OTHER"
# As many as OpenTelemetry keeps of a span by default.
_MAX_LINKS = 128


def trace_of(record: Record) -> TraceContext:
    """The trace that came with a record; one that is not valid is none."""
    parent = traceparent_of(record)
    return TraceContext(parent, text_header(record, TRACESTATE) if parent else "")


def scoring_span(tracing: Tracing, record: Record, key: ResultKey, revision: int) -> Span:
    """The span of one result, in the trace that came with its record."""
    facts: Facts = {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.kafka.offset": record.offset,
        "plimsoll.tenant": key.tenant,
        "plimsoll.result_id": key.result_id,
        "plimsoll.revision": revision,
    }
    return tracing.begin(SCORING, record.topic, facts, parent=trace_of(record))


def traced_event(
    tracing: Tracing, span: Span, record: Record, scored: ScoredResult, event: OutRecord
) -> OutRecord:
    """The event with the context of its making in its headers; as it was where nothing is traced.

    The value stays the same, and with it every digest.
    """
    if not span.context.parent:
        return event
    facts: Facts = {
        "messaging.system": "kafka",
        "messaging.operation.name": "create",
        "messaging.operation.type": "create",
        "messaging.destination.name": event.topic,
        "plimsoll.score_id": scored.score_id,
    }
    creating = tracing.begin(CREATING, event.topic, facts, parent=span.context)
    context = creating.context
    creating.end()
    tracing.evaluated(scored, trace_of(record), span)
    kept = tuple((name, value) for name, value in event.headers if name != TRACEPARENT)
    own = [(TRACEPARENT, context.parent.encode())]
    if context.state:
        own.append((TRACESTATE, context.state.encode()))
    return event._replace(headers=(*kept, *own))


@contextmanager
def projecting(tracing: Tracing | None, records: Sequence[Record]) -> Iterator[None]:
    """The span of one batch of the indexer, where any of its records came with a trace."""
    found = () if tracing is None else tuple(filter(_is_trace, map(trace_of, records)))
    if tracing is None or not found:
        yield
        return
    facts: Facts = {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": records[0].topic,
        "messaging.batch.message_count": len(records),
    }
    links = found[:_MAX_LINKS]
    span = tracing.begin(PROJECTING, records[0].topic, facts, parent=NO_TRACE, links=links)
    ended = OTHER
    try:
        yield
        ended = ""
    finally:
        span.end(ended)


def _is_trace(context: TraceContext) -> bool:
    return bool(context.parent)
