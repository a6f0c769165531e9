"""How near the delivered response lies to the centre of all, by mutual entailment."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.entailment_graph import entailment_affinity, entailment_graph
from plimsoll.metrics.graphs import eccentricity
from plimsoll.metrics.inference import UsesEntailment


class EccentricityNli(UsesEntailment):
    """1 - ||v_j - v|| for the delivered response j, v_j its row of the Laplacian's eigenvectors.

    Eigenvectors with an eigenvalue below 0.9 count; edges weigh the probability of entailment
    (Lin et al.).
    """

    spec = MetricSpec(
        name="eccentricity_nli",
        version="2",
        family=Family.BLACK_BOX,
        summary="How near the delivered answer is to the centre of all, by an entailment model.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        cost=Cost.LOCAL_MODEL,
        raw_scale="U_Ecc of all responses",
    )

    def work(self, result: LlmResult) -> int:
        """A question to the model for each ordered pair of responses at most."""
        others = len(result.alternatives)
        return self.steps(result, others * (others + 1))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1] of the delivered response; raw value is U_Ecc of all."""
        graph = entailment_graph(result, self._model, entailment_affinity)
        return graph if isinstance(graph, Absence) else eccentricity(graph)
