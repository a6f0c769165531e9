"""How much of its words the delivered response shares with all responses."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.graphs import degree
from plimsoll.metrics.jaccard import jaccard_graph, jaccard_work


class DegreeJaccard:
    """C_Deg = D_jj / N with Jaccard similarity as affinity (Lin et al.).

    D_jj adds up the delivered response's similarities to all N responses, itself among them.
    """

    spec = MetricSpec(
        name="degree_jaccard",
        version="1",
        family=Family.BLACK_BOX,
        summary="How much the delivered answer has in common with the others, by shared words.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        raw_scale="U_Deg of all responses",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, comparing each pair."""
        return jaccard_work(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """C_Deg in (0, 1] of the delivered response; raw value is U_Deg of all."""
        graph = jaccard_graph(result)
        return graph if isinstance(graph, Absence) else degree(graph)
