"""How far the top alternatives of each token are from a uniform distribution."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.top_reading import read_top, settled, top_steps


class SelfCertainty:
    """Mean over t of KL(U || q_t) = -(1/k) sum of log(k q_t,j) (Kang et al., arXiv:2502.18581).

    The paper sums over the vocabulary; here q_t is the distribution over the k top alternatives,
    renormalised, and k is part of the provenance. The divergence D, in [0, inf) nats, becomes
    the value D / (D + log k), which rises with D and is 1/2 where D is log k. A token with fewer
    than k alternatives is left out and counted, never padded.
    """

    spec = MetricSpec(
        name="self_certainty",
        version="1",
        family=Family.WHITE_BOX,
        summary="How far from undecided the model was between alternatives, on average.",
        needs=(Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="Kang et al., arXiv:2502.18581, over the top k alternatives",
        raw_scale="mean divergence from uniform over the top k alternatives, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the top alternatives once."""
        return top_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The map of the divergence to [0, 1); raw value is the divergence in nats."""
        top = read_top(result.response)
        if isinstance(top, Absence):
            return top
        widest = math.log(top.k)
        # log q = log p - log of the mass that the k share.
        mean = settled((top.log_masses - top.mean_logprobs).mean() - widest)
        divergence = max(0.0, mean)
        return measurement(
            value=divergence / (divergence + widest),
            raw_value=divergence,
            provenance=(("log_base", "e"), ("map", "d/(d+log k)"), *top.provenance),
            flags=top.flags,
        )
