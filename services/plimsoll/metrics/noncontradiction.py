"""How rarely sampled alternatives contradict the response, by an entailment model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.score import Evidence
from plimsoll.metrics.inference import AsksBothWays, Inference
from plimsoll.ports.tools import Entailment


class Noncontradiction(AsksBothWays):
    """1 - (1/m) sum of (p_c(y, y_i) + p_c(y_i, y)) / 2 (Chen & Mueller, arXiv:2308.16175).

    Both directions are asked, as pairs, and each behind the user's question.
    """

    spec = MetricSpec(
        name="noncontradiction",
        version="2",
        family=Family.BLACK_BOX,
        summary="How little the sampled alternatives contradict the response.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Chen & Mueller, arXiv:2308.16175",
        cost=Cost.LOCAL_MODEL,
        raw_scale="1 - mean probability of contradiction",
    )

    def measured(
        self, inference: Inference, answers: Sequence[tuple[Entailment, Entailment]]
    ) -> Measurement:
        """The mean in [0, 1], its raw value too; evidence is what contradicts the response most."""
        means = [(fro.contradicts + to.contradicts) / 2 for to, fro in answers]
        value = min(1.0, max(0.0, 1.0 - math.fsum(means) / len(means)))
        return Measurement(
            value=value,
            raw_value=value,
            evidence=_evidence(inference, means),
            provenance=inference.provenance,
            flags=inference.reading.flags,
        )


def _evidence(inference: Inference, means: Sequence[float]) -> tuple[Evidence, ...]:
    """The alternative that contradicts the response most, where any is likelier to than not."""
    reading = inference.reading
    texts = [reading.texts[answer] for answer in reading.answers[1:]]
    strongest, text = min((-mean, text) for mean, text in zip(means, texts, strict=True))
    if -strongest <= 0.5:
        return ()
    return (Evidence(kind="contradiction", ref="alternatives", text=text[:500]),)
