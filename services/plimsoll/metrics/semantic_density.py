"""How dense the model's probable answers lie around the response, by an entailment model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.inference import UsesEntailment, infer
from plimsoll.metrics.reading import readable
from plimsoll.metrics.sampled_tokens import Sampled, read_sampled, sampled_steps
from plimsoll.metrics.sampling import sample_flags
from plimsoll.ports.tools import Entailment


class SemanticDensity(UsesEntailment):
    """Sum of w_i K_i over sum of w_i, over the distinct texts of alternatives that have tokens.

    w_i is the length-normalised probability of a text, and K_i = 1 - d2 with the expected square
    of its distance from the response, d2 = p_c + p_n / 2, or 0 where the expected distance
    p_c + p_n / sqrt(2) is above 1 (Qiu & Miikkulainen, arXiv:2405.13845). The response is the
    premise. Alternatives without log-probabilities are left out and counted.
    """

    spec = MetricSpec(
        name="semantic_density",
        version="2",
        family=Family.WHITE_BOX,
        summary="How near in meaning the response is to what the model held probable.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Qiu & Miikkulainen, arXiv:2405.13845",
        cost=Cost.LOCAL_MODEL,
        raw_scale="semantic density",
    )

    def work(self, result: LlmResult) -> int:
        """One question to the model for each alternative at most."""
        return self.steps(result, len(result.alternatives)) + sampled_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The density in [0, 1], which is its raw value too."""
        inference = infer(result, self._model)
        if isinstance(inference, Absence):
            return inference
        sampled = read_sampled(result)
        if isinstance(sampled, Absence):
            return sampled
        nodes = dict(
            zip(
                (inference.reading.texts[answer] for answer in inference.reading.answers),
                inference.nodes,
                strict=True,
            )
        )
        means = _distinct(sampled)
        if not means:
            detail = "no alternative with log-probabilities can be read"
            return Absence(AbsenceReason.INSUFFICIENT_SAMPLES, detail)
        delivered = inference.nodes[0]
        answers = inference.judge((delivered, nodes[text]) for text in means)
        if isinstance(answers, Absence):
            return answers
        kernels = [
            1.0 if nodes[text] == delivered else kernel(answers[delivered, nodes[text]])
            for text in means
        ]
        density = weighted(kernels, list(means.values()))
        return Measurement(
            value=density,
            raw_value=density,
            provenance=(
                ("distinct_alternatives", str(len(means))),
                *inference.provenance,
                ("normalisation", "length"),
                ("response_included", "no"),
                ("samples_with_logprobs", str(len(sampled))),
            ),
            flags=sample_flags(result, len(sampled)),
        )


def kernel(answer: Entailment) -> float:
    """K of the paper's kernel function, in [0, 1]."""
    distance = answer.contradicts + math.sqrt(0.5) * answer.neutral
    return max(0.0, 1.0 - answer.contradicts - answer.neutral / 2) if distance <= 1.0 else 0.0


def weighted(kernels: Sequence[float], mean_logprobs: Sequence[float]) -> float:
    """The mean of kernels weighed by exp(mean log-probability), however small all of them are."""
    best = max(mean_logprobs)
    weights = [math.exp(mean - best) for mean in mean_logprobs]
    products = [weight * k for weight, k in zip(weights, kernels, strict=True)]
    return min(1.0, math.fsum(products) / math.fsum(weights))


def _distinct(sampled: Sequence[Sampled]) -> dict[str, float]:
    """The mean log-probability of each text; the highest where one was split up in several ways."""
    means: dict[str, float] = {}
    for one in sampled:
        response = one.alternative.response
        if readable(response):
            means[response.text] = max(one.tokens.mean, means.get(response.text, -math.inf))
    return means
