"""Spans of calls: in the caller's trace, with links to the traces that made the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextvars import ContextVar
from itertools import islice
from typing import Any, Protocol

import grpc
from google.protobuf.message import DecodeError

from plimsoll.ports.store import VisibleScore
from plimsoll.ports.tracing import LOOKING_UP, Span, TraceContext, Tracing
from plimsoll.v1 import score_pb2
from plimsoll.wire.headers import TRACEPARENT, TRACESTATE, valid_traceparent

# What gRPC's conventions count as the server's errors.
_ERRORS = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
# As many as OpenTelemetry keeps of a span by default.
_MAX_LINKS = 128
_CALL: ContextVar[Span | None] = ContextVar("plimsoll_call", default=None)


class Call(Protocol):
    """What a call tells of itself."""

    def invocation_metadata(self) -> Any:  # noqa: ANN401 - pairs, as gRPC gives them
        """The call's metadata."""

    def code(self) -> Any:  # noqa: ANN401 - a StatusCode, its number, or None
        """What it ends with, where that is set."""


Unary = Callable[[bytes, Any], Awaitable[bytes]]
Stream = Callable[[bytes, Any], AsyncIterator[bytes]]


def traced(tracing: Tracing, method: str, answer: Unary) -> Unary:
    """The same call within a span."""

    async def within(data: bytes, context: Call) -> bytes:
        span = _begin(tracing, method, context)
        _CALL.set(span)
        ended = False
        try:
            with span.active():
                reply = await answer(data, context)
            ended = True
        finally:
            _end(span, context, well=ended)
        return reply

    return within


def traced_stream(tracing: Tracing, method: str, answer: Stream) -> Stream:
    """The same for a call that goes on: its span is as long as it is."""

    async def within(data: bytes, context: Call) -> AsyncIterator[bytes]:
        span = _begin(tracing, method, context)
        ended = False
        try:
            async for reply in answer(data, context):
                yield reply
            ended = True
        finally:
            _end(span, context, well=ended)

    return within


def link_scores(found: Iterable[VisibleScore]) -> None:
    """Links the call that is under way to the traces of these scores, where it is traced."""
    span = _CALL.get()
    if span is None or not span.context.parent:
        return
    for one in islice(found, _MAX_LINKS):
        try:
            event = score_pb2.ScoredResult.FromString(one.row.payload)
        except DecodeError:
            continue
        span.link(TraceContext(event.observation.traceparent))


def traceparent_to_pass_on(context: Call) -> str:
    """What goes with a record that a call publishes: its span's, or what came where it has none.

    '' where nothing came that is valid.
    """
    span = _CALL.get()
    own = "" if span is None else span.context.parent
    return own or valid_traceparent(_sent(context).parent)


def _sent(context: Call) -> TraceContext:
    sent = {
        name: value
        for name, value in context.invocation_metadata() or ()
        if name in {TRACEPARENT, TRACESTATE} and isinstance(value, str)
    }
    return TraceContext(sent.get(TRACEPARENT, ""), sent.get(TRACESTATE, ""))


def _begin(tracing: Tracing, method: str, context: Call) -> Span:
    parent = _sent(context)
    facts = {"rpc.system.name": "grpc", "rpc.method": method}
    return tracing.begin(LOOKING_UP, method, facts, parent=parent)


def _end(span: Span, context: Call, *, well: bool) -> None:
    code = "OK" if well else _name_of(context.code())
    span.note({"rpc.response.status_code": code})
    span.end(code if code in _ERRORS else "")


def _name_of(code: object) -> str:
    for known in grpc.StatusCode:
        if code in {known, known.value[0]}:
            return known.name
    return "CANCELLED" if code is None else "UNKNOWN"
