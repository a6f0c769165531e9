"""How far the response and its sampled alternatives entail each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.metrics.inference import AsksBothWays, Inference
from plimsoll.ports.tools import Entailment


class EntailmentMean(AsksBothWays):
    """(1/m) sum of (p_e(y, y_i) + p_e(y_i, y)) / 2 (Lin et al., arXiv:2305.19187).

    Both directions are asked, as pairs, and each behind the user's question.
    """

    spec = MetricSpec(
        name="entailment",
        version="2",
        family=Family.BLACK_BOX,
        summary="How far the response and its sampled alternatives entail each other.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        cost=Cost.LOCAL_MODEL,
        raw_scale="mean probability of entailment",
    )

    def measured(
        self, inference: Inference, answers: Sequence[tuple[Entailment, Entailment]]
    ) -> Measurement:
        """The mean in [0, 1], which is its raw value too."""
        means = [(fro.entails + to.entails) / 2 for to, fro in answers]
        value = min(1.0, max(0.0, math.fsum(means) / len(means)))
        return Measurement(
            value=value,
            raw_value=value,
            provenance=inference.provenance,
            flags=inference.reading.flags,
        )
