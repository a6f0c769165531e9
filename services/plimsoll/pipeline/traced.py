"""Spans around a result's scoring, its judges and its long metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from plimsoll.domain.absence import Absence
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.judge_errors import JudgeFaultError
from plimsoll.domain.judging import JudgeCall, JudgeReply, JudgeTraits, JudgeUsage
from plimsoll.domain.record import OutRecord, Record
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.domain.scored import ScoredResult
from plimsoll.ports.compute import Compute, Gate
from plimsoll.ports.judge import JudgeModel
from plimsoll.ports.tracing import (
    CREATING,
    JUDGING,
    MEASURING,
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
_OTHER = "_OTHER"
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
    ended = _OTHER
    try:
        yield
        ended = ""
    finally:
        span.end(ended)


def _is_trace(context: TraceContext) -> bool:
    return bool(context.parent)


class TracedJudge:
    """A judge with a span around each call; texts are never in it."""

    def __init__(self, name: str, provider: str, model: JudgeModel, tracing: Tracing) -> None:
        self._name = name
        self._provider = provider
        self._model = model
        self._tracing = tracing

    def traits(self, model: str) -> JudgeTraits:
        """As the judge's."""
        return self._model.traits(model)

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """As the judge's."""
        facts: Facts = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self._provider,
            "gen_ai.request.model": call.model,
            "gen_ai.request.max_tokens": call.max_output_tokens,
            "plimsoll.judge": self._name,
        }
        span = self._tracing.begin(JUDGING, call.model, facts)
        ended = _OTHER
        try:
            reply = await self._model.ask(call, deadline_s)
            ended = "" if reply.absence is None else reply.absence.reason.value
            _note_usage(span, reply.usage)
        except JudgeFaultError as error:
            ended = error.kind.value
            _note_usage(span, error.usage)
            raise
        finally:
            span.end(ended)
        return reply

    async def close(self) -> None:
        """As the judge's."""
        await self._model.close()


class TracedCompute:
    """Compute processes with a span around each metric."""

    def __init__(self, compute: Compute, tracing: Tracing) -> None:
        self._compute = compute
        self._tracing = tracing

    @property
    def gate(self) -> Gate:
        """As that of the processes."""
        return self._compute.gate

    async def evaluate(self, metric: str, result: LlmResult, deadline_s: float) -> Score:
        """As the processes."""
        span = self._tracing.begin(MEASURING, metric, {"gen_ai.evaluation.name": metric})
        ended = _OTHER
        try:
            score = await self._compute.evaluate(metric, result, deadline_s)
            outcome = score.outcome
            ended = outcome.reason.value if isinstance(outcome, Absence) else ""
        finally:
            span.end(ended)
        return score

    async def stop(self) -> None:
        """As the processes."""
        await self._compute.stop()


def _note_usage(span: Span, usage: JudgeUsage) -> None:
    known = {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    span.note({name: tokens for name, tokens in known.items() if tokens is not None})
