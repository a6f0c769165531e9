"""DeepConf: confidence of the last tokens of the reasoning trace."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.trace_tokens import WINDOW, read_trace_tokens, trace_steps


class DeepconfTail:
    """Mean of C_t = -(1/k) sum of log p_t,j over the top k, over the trace's last 2,048 tokens.

    The value is 1 - log k / C. A trace shorter than the window is all tail, and flagged so.
    """

    spec = MetricSpec(
        name="deepconf_tail",
        version="1",
        family=Family.WHITE_BOX,
        summary="How sure the model was at the end of its reasoning.",
        needs=(Need.REASONING, Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="DeepConf, Fu et al., arXiv:2508.15260",
        raw_scale="DeepConf tail confidence, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Finding the trace among the tokens."""
        return trace_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The map of the confidence to [0, 1); raw value is the paper's."""
        trace = read_trace_tokens(result)
        if isinstance(trace, Absence):
            return trace
        return trace.measured(trace.confidences[-WINDOW:].mean())
