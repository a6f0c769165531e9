"""Von Neumann entropy of the heat kernel over responses, by shared words."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.graphs import kernel_entropy
from plimsoll.metrics.jaccard import jaccard_graph, jaccard_work


class KernelLanguageEntropyJaccard:
    """1 - H / log N with H of the heat kernel of the responses' graph (Nikitin et al.).

    Edges weigh as Jaccard similarity, where the paper has an entailment model's judgement.
    """

    spec = MetricSpec(
        name="kernel_language_entropy_jaccard",
        version="1",
        family=Family.BLACK_BOX,
        summary="How many kinds of answers there are, counting near ones as near, by shared words.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Nikitin et al., arXiv:2405.20003",
        raw_scale="von Neumann entropy, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, comparing each pair."""
        return jaccard_work(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the entropy in nats."""
        graph = jaccard_graph(result)
        return graph if isinstance(graph, Absence) else kernel_entropy(graph)
