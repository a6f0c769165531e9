"""How near the delivered response lies to the centre of all, by shared words."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.graphs import eccentricity
from plimsoll.metrics.jaccard import jaccard_graph, jaccard_work


class EccentricityJaccard:
    """1 - ||v_j - v|| for the delivered response j, v_j its row of the Laplacian's eigenvectors.

    Eigenvectors with an eigenvalue below 0.9 count; edges weigh as Jaccard similarity
    (Lin et al.).
    """

    spec = MetricSpec(
        name="eccentricity_jaccard",
        version="1",
        family=Family.BLACK_BOX,
        summary="How near the delivered answer is to the centre of all, by shared words.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        raw_scale="U_Ecc of all responses",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, comparing each pair."""
        return jaccard_work(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1] of the delivered response; raw value is U_Ecc of all."""
        graph = jaccard_graph(result)
        return graph if isinstance(graph, Absence) else eccentricity(graph)
