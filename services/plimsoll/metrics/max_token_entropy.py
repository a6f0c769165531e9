"""Highest entropy of the top alternatives at any token of the response."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.token_reading import token_evidence
from plimsoll.metrics.top_reading import read_top, settled, top_steps


class MaxTokenEntropy:
    """1 - max H_t / log k, the least negentropy of a token (Scalena et al., arXiv:2510.11170).

    H_t is the entropy over the k top alternatives of token t, renormalised. A token with fewer
    than k is left out and counted, never padded.
    """

    spec = MetricSpec(
        name="max_token_entropy",
        version="1",
        family=Family.WHITE_BOX,
        summary="How sure the model was at the token where it was least sure.",
        needs=(Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="Scalena et al., arXiv:2510.11170",
        raw_scale="highest entropy over the top k alternatives of a token, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the top alternatives once."""
        return top_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the entropy in nats, evidence is its token."""
        top = read_top(result.response)
        if isinstance(top, Absence):
            return top
        # The first of those that differ in nothing but a vector unit's last bits.
        row = int(top.entropies.round(12).argmax())
        highest = settled(top.entropies[row])
        return measurement(
            value=min(1.0, max(0.0, 1.0 - highest / math.log(top.k))),
            raw_value=highest,
            evidence=(token_evidence(result, int(top.places[row])),),
            provenance=(("log_base", "e"), *top.provenance),
            flags=top.flags,
        )
