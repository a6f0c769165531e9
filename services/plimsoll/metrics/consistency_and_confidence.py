"""The response's own probability times how near its alternatives are, by an embedding model."""

from __future__ import annotations

import math
from typing import Self

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.cosines import cosine_steps, mean_cosine
from plimsoll.metrics.token_reading import read_tokens, token_steps
from plimsoll.ports.tools import Embedder, Tools


class ConsistencyAndConfidence:
    """exp((1/T) sum of log p_t) times (1/m) sum of (cos(e(y), e(y_i)) + 1) / 2.

    uqlm's product form of CoCoA; the paper's own multiplies uncertainties, see `cocoa_ppl`.
    """

    spec = MetricSpec(
        name="consistency_and_confidence",
        version="1",
        family=Family.WHITE_BOX,
        summary="Sequence probability times nearness of the alternatives, by an embedding model.",
        needs=(
            Need.RESPONSE_TEXT,
            Need.ALTERNATIVES,
            Need.TOKEN_LOGPROBS,
            Need.EMBEDDING_MODEL,
        ),
        source="uqlm, arXiv:2504.19254, after CoCoA, arXiv:2502.04964",
        cost=Cost.LOCAL_MODEL,
        raw_scale="product of a probability and a similarity",
    )

    def __init__(self, model: Embedder | None = None) -> None:
        self._model = model

    @classmethod
    def with_tools(cls, tools: Tools) -> Self:
        """The metric with the model that is configured."""
        return cls(tools.embedder)

    def work(self, result: LlmResult) -> int:
        """One run of the model for each response."""
        return token_steps(result) + (0 if self._model is None else cosine_steps(result))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The product in [0, 1], which is its raw value too."""
        cosine = mean_cosine(result, self._model)
        if isinstance(cosine, Absence):
            return cosine
        reading = read_tokens(result.response)
        if isinstance(reading, Absence):
            return reading
        product = math.exp(reading.mean) * cosine.unit
        return Measurement(
            value=product,
            raw_value=product,
            provenance=(*reading.provenance, ("normalisation", "length"), *cosine.provenance),
            flags=cosine.flags,
        )
