"""Mean entropy of the top alternatives at each token of the response."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.top_reading import read_top, settled, top_steps


class MeanTokenEntropy:
    """1 - mean H_t / log k, with H_t over the k top alternatives of token t, renormalised.

    A token with fewer than k alternatives is left out and counted, never padded.
    """

    spec = MetricSpec(
        name="mean_token_entropy",
        version="1",
        family=Family.WHITE_BOX,
        summary="How sure the model was between the top alternatives of each token, on average.",
        needs=(Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="Fadeeva et al., LM-Polygraph, arXiv:2311.07383",
        raw_scale="mean entropy over the top k alternatives, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the top alternatives once."""
        return top_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the mean entropy in nats."""
        top = read_top(result.response)
        if isinstance(top, Absence):
            return top
        mean = settled(top.entropies.mean())
        return measurement(
            # Rounding may carry a uniform distribution a hair over log k.
            value=min(1.0, max(0.0, 1.0 - mean / math.log(top.k))),
            raw_value=mean,
            provenance=(("log_base", "e"), *top.provenance),
            flags=top.flags,
        )
