"""The trace that the caller of the SDK is in, where OpenTelemetry's API is installed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from plimsoll.ports.tracing import NO_TRACE, TraceContext


def current_trace() -> TraceContext:
    """W3C Trace Context of the active span; NO_TRACE where there is none."""
    api = _api()
    if api is None:
        return NO_TRACE
    at = api.get_current_span().get_span_context()
    if not at.is_valid:
        return NO_TRACE
    parent = f"00-{at.trace_id:032x}-{at.span_id:016x}-{int(at.trace_flags):02x}"
    return TraceContext(parent, at.trace_state.to_header())


@cache
def _api() -> Any:  # noqa: ANN401 - a module, or None
    """OpenTelemetry's API, loaded by the first who asks."""
    try:
        return import_module("opentelemetry.trace")
    except ImportError:
        return None
