"""Tracing: every span by name, as data, and who begins and ends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from plimsoll.domain.scored import ScoredResult

Value = str | int | float | bool
Facts = Mapping[str, Value]


class SpanKind(StrEnum):
    """Whose side of which exchange a span is, as OpenTelemetry says it."""

    INTERNAL = "internal"
    CLIENT = "client"
    SERVER = "server"
    PRODUCER = "producer"
    CONSUMER = "consumer"


@dataclass(frozen=True, slots=True)
class SpanType:
    """One kind of span; `name` has one place in braces, for what the span is about."""

    name: str
    kind: SpanKind
    help: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TraceContext:
    """W3C Trace Context as it travels in headers; `parent` is '' where there is none."""

    parent: str = ""
    state: str = ""


NO_TRACE = TraceContext()

_MESSAGE = (
    "messaging.system",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.destination.name",
)
SCORING = SpanType(
    "process {topic}",
    SpanKind.CONSUMER,
    "One result from its record to its scored event; goes on in the trace that came with it.",
    (
        *_MESSAGE,
        "messaging.destination.partition.id",
        "messaging.kafka.offset",
        "plimsoll.tenant",
        "plimsoll.result_id",
        "plimsoll.revision",
        "error.type",
    ),
)
CREATING = SpanType(
    "create {topic}",
    SpanKind.PRODUCER,
    "A scored event is made; the context of this span is on the event.",
    (*_MESSAGE, "plimsoll.score_id"),
)
MEASURING = SpanType(
    "measure {metric}",
    SpanKind.INTERNAL,
    "A metric that runs in another process, with the sandbox where it has one.",
    ("gen_ai.evaluation.name", "error.type"),
)
JUDGING = SpanType(
    "chat {model}",
    SpanKind.CLIENT,
    "One attempt at one call of a judge.",
    (
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.request.max_tokens",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "plimsoll.judge",
        "error.type",
    ),
)
PROJECTING = SpanType(
    "process {topic}",
    SpanKind.CONSUMER,
    "One batch of scored events into the store, with a link to each event that is traced.",
    (*_MESSAGE, "messaging.batch.message_count", "error.type"),
)
LOOKING_UP = SpanType(
    "{method}",
    SpanKind.SERVER,
    "One call of the query service, with links to the traces that made the scores it answers.",
    ("rpc.system.name", "rpc.method", "rpc.response.status_code", "error.type"),
)
SPANS = (SCORING, CREATING, MEASURING, JUDGING, PROJECTING, LOOKING_UP)

EVALUATION = "gen_ai.evaluation.result"
EVALUATION_FIELDS = (
    "gen_ai.evaluation.name",
    "gen_ai.evaluation.score.value",
    "gen_ai.evaluation.score.label",
    "gen_ai.response.id",
    "error.type",
    "plimsoll.confidence.lower_bound",
    "plimsoll.confidence.upper_bound",
)


class Span(Protocol):
    """Work under way; never waits and never raises, and ends once."""

    @property
    def context(self) -> TraceContext:
        """What to send along; NO_TRACE where the span is not sampled."""

    def note(self, facts: Facts) -> None:
        """Adds attributes."""

    def link(self, context: TraceContext) -> None:
        """Says that another trace belongs to this; one that is none is passed over."""

    def active(self) -> AbstractContextManager[None]:
        """Makes it the parent of spans that begin within."""

    def end(self, error_type: str = "") -> None:
        """Ends it; `error_type` is one word of a closed list, '' where all went well."""


class Tracing(Protocol):
    """Begins spans; never waits and never raises."""

    def begin(
        self,
        what: SpanType,
        about: str,
        facts: Facts,
        *,
        parent: TraceContext | None = None,
        links: Sequence[TraceContext] = (),
    ) -> Span:
        """A span within the active one, or within `parent` where that is given, even if empty.

        One with links and no parent is sampled where any of its links is.
        """

    def evaluated(self, scored: ScoredResult, origin: TraceContext, span: Span) -> None:
        """Tells what was found of a result, at `origin`, or at `span` where there is none.

        Nothing where `span` is not sampled.
        """

    def stop(self) -> None:
        """Sends what is left, for two seconds at most."""
