"""Entropy over what the response and its sampled alternatives mean, by a declared rule."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.metrics.clusters import cluster_entropy
from plimsoll.metrics.equivalence import Meanings, canonical_meanings
from plimsoll.metrics.reading import Reading, chars, read


class DiscreteSemanticEntropy:
    """1 - U / log N, with U = -sum of p_k log p_k over clusters (Farquhar et al., Nature 2024).

    Equivalence rule `canonical-form`: two responses are one cluster if their canonical forms
    are the same: as JSON, as a number, as a date, as a choice's letter where both parse so,
    otherwise as normal forms. It cannot see paraphrases, nor errors that all samples share.
    """

    spec = MetricSpec(
        name="discrete_semantic_entropy",
        version="2",
        family=Family.BLACK_BOX,
        summary="How few different answers the model gives to the same request.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Farquhar et al., Nature 630, 2024, doi:10.1038/s41586-024-07421-0",
        raw_scale="entropy over clusters, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        return 100 + 2 * chars(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the entropy in nats."""
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        found = canonical_meanings(reading)
        return entropy_measured(reading, found, cluster_entropy(found.sizes))


def entropy_measured(
    reading: Reading, found: Meanings, entropy_nats: float, facts: Pairs | None = None
) -> Measurement:
    """1 where all responses mean the same, 0 where each means something else."""
    confidence = 1.0 - entropy_nats / math.log(len(found.labels))
    return measurement(
        value=min(1.0, max(0.0, confidence)),
        raw_value=entropy_nats,
        evidence=(found.evidence,),
        provenance=(
            ("equivalence", found.rule),
            ("log_base", "e"),
            *(facts or reading.provenance),
            ("response_included", "yes"),
        ),
        flags=reading.flags,
    )
