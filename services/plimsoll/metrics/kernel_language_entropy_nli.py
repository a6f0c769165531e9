"""Von Neumann entropy of the heat kernel over responses, by an entailment model."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.entailment_graph import entailment_graph, graded_affinity
from plimsoll.metrics.graphs import kernel_entropy
from plimsoll.metrics.inference import UsesEntailment


class KernelLanguageEntropyNli(UsesEntailment):
    """1 - H / log N with H of the heat kernel of the responses' graph (Nikitin et al.).

    Edges weigh p_e + p_n / 2, the mean of both directions.
    """

    spec = MetricSpec(
        name="kernel_language_entropy_nli",
        version="2",
        family=Family.BLACK_BOX,
        summary="How many kinds of answers there are, counting near ones as near, by entailment.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.ENTAILMENT_MODEL),
        source="Nikitin et al., arXiv:2405.20003",
        cost=Cost.LOCAL_MODEL,
        raw_scale="von Neumann entropy, nats",
    )

    def work(self, result: LlmResult) -> int:
        """A question to the model for each ordered pair of responses at most."""
        others = len(result.alternatives)
        return self.steps(result, others * (others + 1))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the entropy in nats."""
        graph = entailment_graph(result, self._model, graded_affinity)
        return graph if isinstance(graph, Absence) else kernel_entropy(graph)
