"""Mean length-normalised probability of the response and its sampled alternatives."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.sampled_tokens import read_sampled, sampled_steps
from plimsoll.metrics.sampling import sample_flags, sampling_provenance
from plimsoll.metrics.token_reading import read_tokens, token_steps


class MonteCarloProbability:
    """(1/N) sum over N responses of exp((1/T) sum of log p_t) (Kuhn et al., arXiv:2302.09664).

    N counts the delivered response and the alternatives that have log-probabilities; those
    without are left out, flagged and counted.
    """

    spec = MetricSpec(
        name="monte_carlo_probability",
        version="1",
        family=Family.WHITE_BOX,
        summary="How probable the model holds what it answers to this request, on average.",
        needs=(Need.TOKEN_LOGPROBS, Need.ALTERNATIVES),
        source="Kuhn et al., arXiv:2302.09664; as in uqlm",
        raw_scale="mean length-normalised probability",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the tokens of every response once."""
        return token_steps(result) + sampled_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The mean in [0, 1], which is its raw value too."""
        delivered = read_tokens(result.response)
        if isinstance(delivered, Absence):
            return delivered
        sampled = read_sampled(result)
        if isinstance(sampled, Absence):
            return sampled
        means = [delivered.mean, *(one.tokens.mean for one in sampled)]
        # Exact summation: the same in any order of samples.
        value = min(1.0, math.fsum(map(math.exp, means)) / len(means))
        return measurement(
            value=value,
            raw_value=value,
            provenance=(
                *delivered.provenance,
                ("normalisation", "length"),
                ("response_included", "yes"),
                *sampling_provenance(result, "", len(sampled)),
            ),
            flags=sample_flags(result, len(sampled)),
        )
