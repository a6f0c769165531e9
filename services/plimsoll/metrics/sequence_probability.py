"""Length-normalised probability of the response's tokens."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.token_reading import read_tokens, token_steps


class SequenceProbability:
    """exp((1/T) sum of log p_t), the inverse of perplexity (Malinin & Gales, arXiv:2002.07650)."""

    spec = MetricSpec(
        name="sequence_probability",
        version="1",
        family=Family.WHITE_BOX,
        summary="Geometric mean of the probabilities of the response's tokens.",
        needs=(Need.TOKEN_LOGPROBS,),
        source="Malinin & Gales, arXiv:2002.07650",
        raw_scale="mean log-probability of a token, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the tokens once."""
        return token_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The probability in [0, 1]; raw value is the mean log-probability in nats."""
        reading = read_tokens(result.response)
        if isinstance(reading, Absence):
            return reading
        return measurement(
            value=math.exp(reading.mean),
            raw_value=reading.mean,
            provenance=(*reading.provenance, ("normalisation", "length")),
        )
