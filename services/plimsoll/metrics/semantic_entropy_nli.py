"""Entropy over what responses mean by an entailment model."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.clusters import cluster_entropy
from plimsoll.metrics.discrete_semantic_entropy import entropy_measured
from plimsoll.metrics.entailed_meanings import greedy_meanings
from plimsoll.metrics.inference import UsesEntailment, infer


class SemanticEntropyNli(UsesEntailment):
    """1 - U / log N, with U over clusters of responses that entail each other (Farquhar et al.).

    It sees paraphrases, as far as the model does; not errors that all samples share.
    """

    spec = MetricSpec(
        name="semantic_entropy_nli",
        version="2",
        family=Family.BLACK_BOX,
        summary="How few different answers the model gives, paraphrases counted as one.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Farquhar et al., Nature 630, 2024, doi:10.1038/s41586-024-07421-0",
        cost=Cost.LOCAL_MODEL,
        raw_scale="entropy over clusters, nats",
    )

    def work(self, result: LlmResult) -> int:
        """A question to the model for each ordered pair of responses at most."""
        others = len(result.alternatives)
        return self.steps(result, others * (others + 1))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the entropy in nats."""
        inference = infer(result, self._model)
        if isinstance(inference, Absence):
            return inference
        found = greedy_meanings(inference)
        if isinstance(found, Absence):
            return found
        return entropy_measured(
            inference.reading, found, cluster_entropy(found.sizes), inference.provenance
        )
