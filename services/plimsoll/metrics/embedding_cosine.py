"""How near the sampled alternatives are to the response, as an embedding model sees them."""

from __future__ import annotations

from typing import Self

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.cosines import cosine_steps, mean_cosine
from plimsoll.ports.tools import Embedder, Tools


class EmbeddingCosine:
    """(1/m) sum of (cos(e(y), e(y_i)) + 1) / 2 (Shorinwa et al., arXiv:2412.05563).

    It sees topics rather than truth: texts that differ in one number are near each other.
    """

    spec = MetricSpec(
        name="embedding_cosine",
        version="1",
        family=Family.BLACK_BOX,
        summary="How near the sampled alternatives are to the response, by an embedding model.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.EMBEDDING_MODEL),
        source="Shorinwa et al., arXiv:2412.05563; uqlm, arXiv:2504.19254",
        cost=Cost.LOCAL_MODEL,
        raw_scale="mean cosine",
    )

    def __init__(self, model: Embedder | None = None) -> None:
        self._model = model

    @classmethod
    def with_tools(cls, tools: Tools) -> Self:
        """The metric with the model that is configured."""
        return cls(tools.embedder)

    def work(self, result: LlmResult) -> int:
        """One run of the model for each response."""
        return 10 if self._model is None else cosine_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the mean cosine in [-1, 1]."""
        cosine = mean_cosine(result, self._model)
        if isinstance(cosine, Absence):
            return cosine
        return Measurement(
            value=cosine.unit,
            raw_value=cosine.mean,
            provenance=cosine.provenance,
            flags=cosine.flags,
        )
