"""Perplexity of the response under the model that wrote it."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.token_reading import read_tokens, token_steps

# From there on an exponential is above the largest double.
_MAX_NATS = 709.0


class Perplexity:
    """PPL = exp(-(1/T) sum of log p_t), in [1, inf); the value is 1 / PPL.

    So it orders responses as `sequence_probability` does; it is there for those who set their
    thresholds in perplexity. Above exp(709) there is a value, and no raw value.
    """

    spec = MetricSpec(
        name="perplexity",
        version="1",
        family=Family.WHITE_BOX,
        summary="Among how many equally probable tokens the model as good as chose each time.",
        needs=(Need.TOKEN_LOGPROBS,),
        source="Fadeeva et al., LM-Polygraph, arXiv:2311.07383",
        raw_scale="perplexity, 1 and above",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the tokens once."""
        return token_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The inverse of the perplexity, in [0, 1]; raw value is the perplexity."""
        reading = read_tokens(result.response)
        if isinstance(reading, Absence):
            return reading
        nats = -reading.mean
        return measurement(
            value=math.exp(-nats),
            raw_value=math.exp(nats) if nats < _MAX_NATS else None,
            provenance=(("map", "1/ppl"), *reading.provenance),
        )
