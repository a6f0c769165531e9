"""Entropy over what the response and its sampled alternatives mean, by a declared rule."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.canonical import canonical
from plimsoll.metrics.reading import chars, read


class DiscreteSemanticEntropy:
    """1 - U / log N, with U = -sum of p_k log p_k over clusters (Farquhar et al., Nature 2024).

    Equivalence rule `normalised-text`: two responses are one cluster if their canonical forms
    are the same: as JSON, as a number, as a choice's letter where both parse so, otherwise as
    normalised text. It cannot see paraphrases, nor errors that all samples share.
    """

    spec = MetricSpec(
        name="discrete_semantic_entropy",
        version="1",
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
        forms = [
            canonical(text, normal)
            for text, normal in zip(reading.texts, reading.normal, strict=True)
        ]
        sizes = list(Counter(forms[answer] for answer in reading.answers).values())
        uncertainty = cluster_entropy(sizes)
        return Measurement(
            value=min(1.0, max(0.0, 1.0 - uncertainty / math.log(len(reading.answers)))),
            raw_value=uncertainty,
            evidence=(Evidence(kind="clusters", ref="alternatives", text=_told(sizes)),),
            provenance=(
                ("equivalence", "normalised-text"),
                ("log_base", "e"),
                *reading.provenance,
                ("response_included", "yes"),
            ),
            flags=reading.flags,
        )


def _told(sizes: Sequence[int]) -> str:
    largest = sorted(sizes, reverse=True)
    more = ", ..." if len(largest) > 16 else ""
    return f"{len(sizes)} different answers: {', '.join(map(str, largest[:16]))}{more}"


def cluster_entropy(sizes: Sequence[int]) -> float:
    """-sum of p log p in nats over cluster sizes; the order of clusters does not matter."""
    total = sum(sizes)
    terms = [size / total * math.log(size / total) for size in sizes]
    return max(0.0, -math.fsum(terms))
