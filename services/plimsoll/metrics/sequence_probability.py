"""Length-normalised probability of the response's tokens."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.logprobs import logprobs_problem, origin_provenance


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
        """A few steps a token."""
        tokens = result.response.tokens
        return 20 + (len(tokens.logprobs) // 2 if tokens else 0)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The probability in [0, 1]; raw value is the mean log-probability in nats."""
        tokens = result.response.tokens
        assert tokens is not None  # noqa: S101 - `needs` has been checked
        problem = logprobs_problem(result.response, tokens)
        if problem is not None:
            return problem
        mean = math.fsum(tokens.logprobs) / len(tokens.logprobs)
        return Measurement(
            value=math.exp(mean),
            raw_value=mean,
            provenance=(*origin_provenance(tokens), ("normalisation", "length")),
        )
