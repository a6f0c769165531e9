"""How few answers the spectrum of shared words counts."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.graphs import eigenvalue_of_definite
from plimsoll.metrics.jaccard import jaccard_graph, jaccard_work


class EigenvalueJaccard:
    """(N - U) / (N - 1), with U = sum of max(0, 1 - l_k) of the graph's Laplacian (Lin et al.).

    U is the number of meanings, made continuous; edges weigh as Jaccard similarity.
    """

    spec = MetricSpec(
        name="eigenvalue_jaccard",
        version="2",
        family=Family.BLACK_BOX,
        summary="Number of different answers, made continuous, by shared words.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        raw_scale="U_EigV, meanings",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, comparing each pair."""
        return jaccard_work(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is U_EigV."""
        graph = jaccard_graph(result)
        return graph if isinstance(graph, Absence) else eigenvalue_of_definite(graph)
