"""Entropy over what the delivered code and its alternatives do."""

from __future__ import annotations

import math
from collections import Counter

from plimsoll.domain.metric import Family, MetricSpec, Need
from plimsoll.metrics.clusters import cluster_entropy
from plimsoll.metrics.code_behaviour import Behaviour
from plimsoll.metrics.code_comparing import ComparesBehaviour


class FunctionalEntropy(ComparesBehaviour):
    """1 - U / log N, with U the semantic entropy over clusters of programs that do the same.

    Two programs are one cluster if their outputs are equal on every shared input; one that cannot
    be loaded, or runs into a limit, is a cluster of its own.
    """

    spec = MetricSpec(
        name="functional_entropy",
        version="1",
        family=Family.CODE,
        summary="How few different behaviours the code and its alternatives show.",
        needs=(Need.CODE, Need.ALTERNATIVES, Need.SANDBOX),
        source="Functional Entropy, arXiv:2605.28500",
        raw_scale="entropy over clusters, nats",
    )

    rule = (("equivalence", "behaviour"), ("log_base", "e"), ("response_included", "yes"))

    def number(self, behaviour: Behaviour) -> tuple[float, float]:
        """The confidence in [0, 1]; raw value is the entropy in nats."""
        signatures = behaviour.signatures()
        uncertainty = cluster_entropy(sorted(Counter(signatures).values()))
        return min(1.0, max(0.0, 1.0 - uncertainty / math.log(len(signatures)))), uncertainty
