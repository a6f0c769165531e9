"""DeepConf: confidence of the least sure group of tokens in the reasoning trace."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.trace_tokens import WINDOW, read_trace_tokens, trace_steps


class DeepconfLowestGroup:
    """Lowest mean of C_t over 2,048 tokens in a row, C_t = -(1/k) sum of log p_t,j over the top k.

    The value is 1 - log k / C. A trace shorter than the window is one group, and flagged so.
    """

    spec = MetricSpec(
        name="deepconf_lowest_group",
        version="1",
        family=Family.WHITE_BOX,
        summary="How sure the model was where its reasoning was least sure.",
        needs=(Need.REASONING, Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="DeepConf, Fu et al., arXiv:2508.15260",
        raw_scale="DeepConf group confidence, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Finding the trace among the tokens, and its groups."""
        return trace_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The map of the confidence to [0, 1); raw value is the paper's, evidence is the group."""
        trace = read_trace_tokens(result)
        if isinstance(trace, Absence):
            return trace
        lowest = int(trace.groups.argmin())
        end = min(lowest + WINDOW, len(trace.confidences))
        return trace.measured(trace.groups[lowest], (trace.span(lowest, end),))
