"""Which spans are kept: as their parent says, or any of their links, else a share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, SpanKind, get_current_span


class Sampling(Sampler):
    """As the parent says; without one as any link says, and without links a share."""

    def __init__(self, ratio: float) -> None:
        self._share = ParentBased(TraceIdRatioBased(ratio))

    def should_sample(  # noqa: PLR0917 - as the base class says
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Any = None,  # noqa: ANN401 - as the base class says
        links: Sequence[Link] | None = None,
        trace_state: Any = None,  # noqa: ANN401 - as the base class says
    ) -> SamplingResult:
        """Whether a span that is to begin is kept."""
        root = not get_current_span(parent_context).get_span_context().is_valid
        linked = links and any(link.context.trace_flags.sampled for link in links)
        sampler: Sampler = ALWAYS_ON if root and linked else self._share
        return sampler.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        """As traces tell of it."""
        return "as the parent or any link says, else a share"
