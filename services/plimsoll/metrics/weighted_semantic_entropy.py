"""Semantic entropy with every response weighed by its probability."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.clusters import weighted_entropy
from plimsoll.metrics.equivalence import canonical_meanings
from plimsoll.metrics.reading import chars, read, readable
from plimsoll.metrics.sampled_tokens import alternative_tokens
from plimsoll.metrics.sampling import LOW_SAMPLE
from plimsoll.metrics.token_reading import read_tokens


class WeightedSemanticEntropy:
    """1 - U / log N, with U = -sum of P log P over clusters of N responses that have a probability.

    P(C) is the share of exp(l) that falls to C, and l a response's mean log-probability a token
    (Kuhn et al.; `rao` of Farquhar et al.). Equivalence rule `canonical-form`. Alternatives
    without log-probabilities are left out and counted.
    """

    spec = MetricSpec(
        name="weighted_semantic_entropy",
        version="2",
        family=Family.BLACK_BOX,
        summary="Semantic entropy with each answer weighed by its own probability.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.TOKEN_LOGPROBS),
        source="Kuhn et al., arXiv:2302.09664",
        raw_scale="entropy over clusters, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text and each log-probability once."""
        tokens = [result.response.tokens, *(a.response.tokens for a in result.alternatives)]
        return 100 + 2 * chars(result) + sum(len(t.logprobs) // 2 for t in tokens if t is not None)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the entropy in nats."""
        tokens = read_tokens(result.response)
        if isinstance(tokens, Absence):
            return tokens
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        likelihoods = [tokens.mean, *_mean_logprobs(result)]
        labels = canonical_meanings(reading).labels
        known = [(a, b) for a, b in zip(labels, likelihoods, strict=True) if b is not None]
        if len(known) < 2:
            detail = "no alternative has log-probabilities; ask the model for them"
            return Absence(AbsenceReason.INSUFFICIENT_SAMPLES, detail)
        entropy = weighted_entropy([label for label, _ in known], [value for _, value in known])
        return measurement(
            value=min(1.0, max(0.0, 1.0 - entropy / math.log(len(known)))),
            raw_value=entropy,
            provenance=(
                ("equivalence", "canonical-form"),
                ("log_base", "e"),
                ("normalisation", "length"),
                ("responses_with_logprobs", str(len(known))),
                *tokens.provenance,
                *reading.provenance,
                ("response_included", "yes"),
            ),
            flags=_flags(reading.flags, len(known) - 1, len(likelihoods) - len(known)),
        )


def _mean_logprobs(result: LlmResult) -> list[float | None]:
    """Mean log-probability in nats of a token of each alternative that can be read.

    None where there is none to trust.
    """
    return [
        None if isinstance(tokens, Absence) else tokens.mean
        for alternative, tokens in zip(result.alternatives, alternative_tokens(result), strict=True)
        if readable(alternative.response)
    ]


def _flags(flags: tuple[str, ...], samples: int, left_out: int) -> tuple[str, ...]:
    low = {"low_sample"} if samples < LOW_SAMPLE else set()
    lost = {"samples_excluded"} if left_out else set()
    return tuple(sorted(set(flags) | low | lost))
