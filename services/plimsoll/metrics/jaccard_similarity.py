"""Mean pairwise Jaccard similarity over the response and its sampled alternatives."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.graphs import mean_similarity
from plimsoll.metrics.jaccard import jaccard_graph, jaccard_work


class JaccardSimilarity:
    """Mean over all pairs of N responses of |A and B| / |A or B|, A and B their sets of words.

    Two responses without a word are alike only if they are the same.
    """

    spec = MetricSpec(
        name="jaccard_similarity",
        version="1",
        family=Family.BLACK_BOX,
        summary="Share of words that two answers to the same request have in common, on average.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        raw_scale="mean Jaccard similarity",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, comparing each pair."""
        return jaccard_work(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The mean in [0, 1], which is its raw value too."""
        graph = jaccard_graph(result)
        return graph if isinstance(graph, Absence) else mean_similarity(graph)
