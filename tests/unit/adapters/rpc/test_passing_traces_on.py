"""What trace context goes with a record that a call publishes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from plimsoll.adapters.rpc.tracing import traced, traceparent_to_pass_on
from plimsoll.domain.scored import ScoredResult
from plimsoll.ports.tracing import Facts, Span, SpanType, TraceContext

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OWN = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"


class Call:
    """A call with that traceparent in its metadata."""

    def __init__(self, traceparent: str) -> None:
        self._traceparent = traceparent

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """The one pair."""
        return (("traceparent", self._traceparent),)

    def code(self) -> None:
        """Not ended."""


class Spans:
    """Traces by one span, which has that context; '' is not sampled."""

    def __init__(self, context: str) -> None:
        self.context = TraceContext(context)

    def begin(
        self,
        what: SpanType,
        about: str,
        facts: Facts,
        *,
        parent: TraceContext | None = None,
        links: Sequence[TraceContext] = (),
    ) -> Span:
        """The one span."""
        del what, about, facts, parent, links
        return self

    def evaluated(self, scored: ScoredResult, origin: TraceContext, span: Span) -> None:
        """Tells nobody."""

    def stop(self) -> None:
        """Sends nothing."""

    def note(self, facts: Facts) -> None:
        """Keeps nothing."""

    def link(self, context: TraceContext) -> None:
        """Keeps nothing."""

    @contextmanager
    def active(self) -> Iterator[None]:
        """The parent of nothing."""
        yield

    def end(self, error_type: str = "") -> None:
        """Nothing is sent."""


async def passed_on(data: bytes, context: Call) -> bytes:
    """A call that tells what it would pass on."""
    return data + traceparent_to_pass_on(context).encode()


@pytest.mark.parametrize(("own", "expected"), [(OWN, OWN), ("", CALLER)])
async def test_the_call_s_own_span_comes_first(own: str, expected: str) -> None:
    """A record is caused by the call; one that is not sampled passes on what came to it."""
    call = traced(Spans(own), "SubmitFeedback", passed_on)
    assert await call(b"", Call(CALLER)) == expected.encode()


@pytest.mark.parametrize("came", ["", "nonsense", CALLER.upper(), f"ff{CALLER[2:]}", "00-\ud800"])
async def test_what_is_no_trace_context_is_not_passed_on(came: str) -> None:
    """Whatever a caller has sent."""
    assert await passed_on(b"", Call(came)) == b""
    assert await passed_on(b"", Call(CALLER)) == CALLER.encode()
