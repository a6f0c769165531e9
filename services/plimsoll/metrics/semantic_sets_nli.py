"""How many different answers the model gives, by an entailment model."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.entailed_meanings import connected_meanings
from plimsoll.metrics.inference import UsesEntailment, infer
from plimsoll.metrics.semantic_sets import sets_measured


class SemanticSetsNli(UsesEntailment):
    """(N - N_C) / (N - 1), with N_C components of responses that entail each other (Lin et al.)."""

    spec = MetricSpec(
        name="semantic_sets_nli",
        version="2",
        family=Family.BLACK_BOX,
        summary="Number of different answers to the same request, by an entailment model.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        cost=Cost.LOCAL_MODEL,
        raw_scale="different meanings",
    )

    def work(self, result: LlmResult) -> int:
        """A question to the model for each ordered pair of responses at most."""
        others = len(result.alternatives)
        return self.steps(result, others * (others + 1))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the number of meanings."""
        inference = infer(result, self._model)
        if isinstance(inference, Absence):
            return inference
        found = connected_meanings(inference)
        if isinstance(found, Absence):
            return found
        return sets_measured(inference.reading, found, inference.provenance)
