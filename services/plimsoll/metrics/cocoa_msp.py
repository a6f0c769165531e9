"""CoCoA with the joint sequence probability as the response's own uncertainty."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.cocoa import unlikeness, unlikeness_steps
from plimsoll.metrics.token_reading import read_tokens, token_steps


class CocoaMsp:
    """exp(-U), U = (-sum of log p_t) times the mean of 1 - sim over the alternatives.

    Similarity is ROUGE-L F1 on words. Like the joint probability it falls with length.
    """

    spec = MetricSpec(
        name="cocoa_msp",
        version="1",
        family=Family.WHITE_BOX,
        summary="Joint probability of the response, tempered by how alike its alternatives are.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.TOKEN_LOGPROBS),
        source="CoCoA, Vashurin et al., arXiv:2502.04964, variant MSP",
        raw_scale="CoCoA uncertainty, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading tokens and texts once."""
        return token_steps(result) + unlikeness_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The value in [0, 1]; raw value is U in nats."""
        reading = read_tokens(result.response)
        if isinstance(reading, Absence):
            return reading
        unlike = unlikeness(result)
        if isinstance(unlike, Absence):
            return unlike
        uncertainty = abs(reading.total) * unlike.value
        return unlike.measured(
            math.exp(-uncertainty), uncertainty, (("map", "exp(-u)"), *reading.provenance)
        )
