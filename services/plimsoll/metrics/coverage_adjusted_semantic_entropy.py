"""Semantic entropy that allows for meanings which too few samples did not show."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.clusters import coverage, coverage_adjusted_entropy
from plimsoll.metrics.discrete_semantic_entropy import entropy_measured
from plimsoll.metrics.equivalence import canonical_meanings
from plimsoll.metrics.reading import chars, read


class CoverageAdjustedSemanticEntropy:
    """1 - H / H of N different answers, with H the Chao-Shen estimate (arXiv:2509.14478).

    Plain entropy over few samples is too small: what occurs rarely is not seen. Equivalence
    rule `canonical-form`, as for the plain one.
    """

    spec = MetricSpec(
        name="coverage_adjusted_semantic_entropy",
        version="2",
        family=Family.BLACK_BOX,
        summary="Semantic entropy, corrected for answers that so few samples cannot show.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Chao & Shen 2003; arXiv:2509.14478",
        raw_scale="entropy over meanings, seen and unseen, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        return 100 + 2 * chars(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the estimate in nats, which may exceed log N.

        Evidence has the clusters, and the share of meanings that samples are reckoned to cover.
        """
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        found = canonical_meanings(reading)
        entropy = coverage_adjusted_entropy(found.sizes)
        # No other clustering of N responses has a higher estimate than N different ones.
        highest = coverage_adjusted_entropy((1,) * len(found.labels))
        seen = coverage(found.sizes)
        plain = entropy_measured(reading, found, entropy)
        return measurement(
            value=min(1.0, max(0.0, 1.0 - entropy / highest)),
            raw_value=plain.raw_value,
            evidence=(*plain.evidence, Evidence("coverage", "alternatives", text=f"{seen:.3f}")),
            provenance=plain.provenance,
            flags=plain.flags,
        )
