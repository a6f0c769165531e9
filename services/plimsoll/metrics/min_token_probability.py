"""Probability of the least probable token of the response."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.token_reading import read_tokens, token_evidence, token_steps


class MinTokenProbability:
    """min over t of p_t (Manakul et al., arXiv:2303.08896)."""

    spec = MetricSpec(
        name="min_token_probability",
        version="1",
        family=Family.WHITE_BOX,
        summary="Probability of the least probable token of the response.",
        needs=(Need.TOKEN_LOGPROBS,),
        source="Manakul et al., arXiv:2303.08896",
        raw_scale="smallest log-probability of a token, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the tokens once."""
        return token_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The probability in [0, 1]; evidence is the token, by its place in the response."""
        reading = read_tokens(result.response)
        if isinstance(reading, Absence):
            return reading
        return measurement(
            value=math.exp(reading.lowest),
            raw_value=reading.lowest,
            evidence=(token_evidence(result, reading.place),),
            provenance=reading.provenance,
        )
