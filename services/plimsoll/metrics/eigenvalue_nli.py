"""How few answers the spectrum of mutual entailment counts."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.entailment_graph import entailment_affinity, entailment_graph
from plimsoll.metrics.graphs import eigenvalue
from plimsoll.metrics.inference import UsesEntailment


class EigenvalueNli(UsesEntailment):
    """(N - U) / (N - 1), with U = sum of max(0, 1 - l_k) of the graph's Laplacian (Lin et al.).

    U is the number of meanings, made continuous; edges weigh the probability of entailment.
    """

    spec = MetricSpec(
        name="eigenvalue_nli",
        version="2",
        family=Family.BLACK_BOX,
        summary="Number of different answers, made continuous, by an entailment model.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        cost=Cost.LOCAL_MODEL,
        raw_scale="U_EigV, meanings",
    )

    def work(self, result: LlmResult) -> int:
        """A question to the model for each ordered pair of responses at most."""
        others = len(result.alternatives)
        return self.steps(result, others * (others + 1))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is U_EigV."""
        graph = entailment_graph(result, self._model, entailment_affinity)
        return graph if isinstance(graph, Absence) else eigenvalue(graph)
