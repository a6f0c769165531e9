"""How near the sampled alternatives are to the response, as an embedding model sees them."""

from __future__ import annotations

import math
from typing import Self

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.reading import chars, read
from plimsoll.ports.tools import Embedder, Tools

# Different texts of one result; a text takes some 10 ms.
MAX_TEXTS = 500
_STEPS_PER_TEXT = 100_000


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
        if self._model is None:
            return 10
        runs = min(MAX_TEXTS, len(result.alternatives) + 1)
        return 100 + 2 * chars(result) + _STEPS_PER_TEXT * runs

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the mean cosine in [-1, 1]."""
        if self._model is None:
            return Absence(AbsenceReason.NOT_CONFIGURED, "no embedding model is configured")
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        if len(reading.texts) > MAX_TEXTS:
            detail = f"{len(reading.texts)} texts for the embedding model, {MAX_TEXTS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        order = sorted(range(len(reading.texts)), key=lambda place: reading.texts[place])
        vectors = self._model.embed([reading.texts[place] for place in order])
        row = {place: vectors[index] for index, place in enumerate(order)}
        delivered, *others = reading.answers
        cosines = [
            1.0 if other == delivered else float(row[delivered] @ row[other]) for other in others
        ]
        mean = math.fsum(cosines) / len(cosines)
        return Measurement(
            value=min(1.0, max(0.0, (mean + 1.0) / 2.0)),
            raw_value=mean,
            provenance=(("embedding_model", self._model.name), *reading.provenance),
            flags=reading.flags,
        )
