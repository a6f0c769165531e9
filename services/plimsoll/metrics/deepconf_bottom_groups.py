"""DeepConf: mean confidence of the tenth of groups that are least sure in the reasoning trace."""

from __future__ import annotations

import numpy as np

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.trace_tokens import read_trace_tokens, trace_steps

_ONE_IN = 10


class DeepconfBottomGroups:
    """Mean of the lowest 10 % of group confidences, of one group at least.

    A group is 2,048 tokens in a row and its confidence the mean of C_t = -(1/k) sum of log p_t,j
    over the top k. The value is 1 - log k / C.
    """

    spec = MetricSpec(
        name="deepconf_bottom_groups",
        version="1",
        family=Family.WHITE_BOX,
        summary="How sure the model was in the least sure tenth of its reasoning.",
        needs=(Need.REASONING, Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="DeepConf, Fu et al., arXiv:2508.15260",
        raw_scale="DeepConf bottom 10 % group confidence, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Finding the trace among the tokens, and sorting its groups."""
        tokens = result.response.tokens
        return trace_steps(result) + (len(tokens.logprobs) if tokens else 0)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The map of the confidence to [0, 1); raw value is the paper's."""
        trace = read_trace_tokens(result)
        if isinstance(trace, Absence):
            return trace
        few = max(1, len(trace.groups) // _ONE_IN)
        return trace.measured(np.sort(trace.groups)[:few].mean())
