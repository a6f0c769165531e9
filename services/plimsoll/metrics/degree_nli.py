"""How far the delivered response and all responses entail each other."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.entailment_graph import entailment_affinity, entailment_graph
from plimsoll.metrics.graphs import degree
from plimsoll.metrics.inference import UsesEntailment


class DegreeNli(UsesEntailment):
    """C_Deg = D_jj / N with the probability of entailment as affinity (Lin et al.)."""

    spec = MetricSpec(
        name="degree_nli",
        version="2",
        family=Family.BLACK_BOX,
        summary="How much the delivered answer agrees with the others, by an entailment model.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        cost=Cost.LOCAL_MODEL,
        raw_scale="U_Deg of all responses",
    )

    def work(self, result: LlmResult) -> int:
        """A question to the model for each ordered pair of responses at most."""
        others = len(result.alternatives)
        return self.steps(result, others * (others + 1))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """C_Deg in (0, 1] of the delivered response; raw value is U_Deg of all."""
        graph = entailment_graph(result, self._model, entailment_affinity)
        return graph if isinstance(graph, Absence) else degree(graph)
