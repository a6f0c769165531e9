"""Joint probability of the response's tokens."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.token_reading import read_tokens, token_steps


class JointSequenceProbability:
    """exp(sum of log p_t): how probable the model held this very response, the longer the less.

    Known as maximum sequence probability (MSP). Below the smallest double, from about 745 nats
    on, the value is 0 and the raw value still tells responses apart.
    """

    spec = MetricSpec(
        name="joint_sequence_probability",
        version="1",
        family=Family.WHITE_BOX,
        summary="Product of the probabilities of the response's tokens.",
        needs=(Need.TOKEN_LOGPROBS,),
        source="MSP in Fadeeva et al., LM-Polygraph, arXiv:2311.07383",
        raw_scale="sum of the tokens' log-probabilities, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the tokens once."""
        return token_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The probability in [0, 1]; raw value is its logarithm in nats."""
        reading = read_tokens(result.response)
        if isinstance(reading, Absence):
            return reading
        return measurement(
            value=math.exp(reading.total),
            raw_value=reading.total,
            provenance=(*reading.provenance, ("normalisation", "none")),
        )
