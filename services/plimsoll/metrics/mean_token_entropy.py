"""Mean entropy of the top alternatives at each token of the response."""

from __future__ import annotations

import math
from itertools import accumulate

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult, Tokens
from plimsoll.metrics.logprobs import logprobs_problem, origin_provenance, top_problem

# 2 million alternatives take about a second; a record of a mebibyte holds 130,000.
MAX_ALTERNATIVES = 2_000_000


class MeanTokenEntropy:
    """1 - mean H_t / log k, with H_t over the k top alternatives of token t, renormalised.

    A token with fewer than k alternatives is left out and counted, never padded.
    """

    spec = MetricSpec(
        name="mean_token_entropy",
        version="1",
        family=Family.WHITE_BOX,
        summary="How sure the model was between the top alternatives of each token, on average.",
        needs=(Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="Fadeeva et al., LM-Polygraph, arXiv:2311.07383",
        raw_scale="mean entropy over the top k alternatives, nats",
    )

    def work(self, result: LlmResult) -> int:
        """An exponential, a logarithm and two products an alternative."""
        tokens = result.response.tokens
        return 30 + (4 * len(tokens.top_logprobs) if tokens else 0)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the mean entropy in nats."""
        tokens = result.response.tokens
        assert tokens is not None  # noqa: S101 - `needs` has been checked
        problem = (
            logprobs_problem(result.response, tokens)
            or top_problem(tokens)
            or _size_problem(tokens)
        )
        if problem is not None:
            return problem
        k = tokens.top_k or max(tokens.top_counts)
        entropies = [entropy(top) for top in _tops(tokens, k)]
        if not entropies:
            return Absence(AbsenceReason.INPUT_MISSING, f"no token has {k} alternatives")
        mean = math.fsum(entropies) / len(entropies)
        excluded = len(tokens.logprobs) - len(entropies)
        return Measurement(
            # Rounding may carry a uniform distribution a hair over log k.
            value=min(1.0, max(0.0, 1.0 - mean / math.log(k))),
            raw_value=mean,
            provenance=(
                ("excluded_tokens", str(excluded)),
                ("k", str(k)),
                ("log_base", "e"),
                *origin_provenance(tokens),
            ),
            flags=("tokens_excluded",) if excluded else (),
        )


def entropy(logprobs: tuple[float, ...]) -> float:
    """Entropy in nats of a distribution given by log-probabilities, renormalised first."""
    best = max(logprobs)
    weights = [math.exp(logprob - best) for logprob in logprobs]
    total = sum(weights)
    # -sum q log q with q = w / total and log q = logprob - best - log total.
    shifted = sum([w * (logprob - best) for w, logprob in zip(weights, logprobs, strict=True)])
    return max(0.0, math.log(total) - shifted / total)


def _size_problem(tokens: Tokens) -> Absence | None:
    count = len(tokens.top_logprobs)
    if count > MAX_ALTERNATIVES:
        detail = f"{count} top log-probabilities, {MAX_ALTERNATIVES} allowed"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    k = tokens.top_k or max(tokens.top_counts)
    if k < 2:
        return Absence(AbsenceReason.INPUT_MISSING, "entropy needs 2 alternatives a token or more")
    return None


def _tops(tokens: Tokens, k: int) -> list[tuple[float, ...]]:
    """The best k alternatives of each token that has so many."""
    counts = tokens.top_counts or (tokens.top_k,) * len(tokens.logprobs)
    ends = accumulate(counts)
    return [
        tokens.top_logprobs[end - count : end - count + k]
        for count, end in zip(counts, ends, strict=True)
        if count >= k
    ]
