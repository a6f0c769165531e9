"""Probability of the least probable token of the response."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.logprobs import logprobs_problem, origin_provenance


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
        """A few steps a token."""
        tokens = result.response.tokens
        return 20 + (len(tokens.logprobs) // 2 if tokens else 0)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The probability in [0, 1]; evidence is the token, by its place in the response."""
        tokens = result.response.tokens
        assert tokens is not None  # noqa: S101 - `needs` has been checked
        problem = logprobs_problem(result.response, tokens)
        if problem is not None:
            return problem
        lowest = min(tokens.logprobs)
        place = tokens.logprobs.index(lowest)
        text = tokens.texts[place] if tokens.texts else ""
        return Measurement(
            value=math.exp(lowest),
            raw_value=lowest,
            evidence=(Evidence(kind="token", ref=f"response.tokens/{place}", text=text[:200]),),
            provenance=origin_provenance(tokens),
        )
