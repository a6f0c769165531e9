"""How near alternatives are to the response for an embedding model, asked once a result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.metrics.reading import chars, read
from plimsoll.ports.tools import Embedder

# Different texts of one result; a text takes some 10 ms.
MAX_TEXTS = 500
STEPS_PER_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class MeanCosine:
    """(1/m) sum of cos(e(y), e(y_i)) in [-1, 1], and what it rests on."""

    mean: float
    provenance: Pairs
    flags: tuple[str, ...]

    @property
    def unit(self) -> float:
        """The mean of (cos + 1) / 2, in [0, 1]."""
        return min(1.0, max(0.0, (self.mean + 1.0) / 2.0))


def mean_cosine(result: LlmResult, model: Embedder | None) -> MeanCosine | Absence:
    """The mean cosine of response and alternatives, or why there is none."""
    if model is None:
        return Absence(AbsenceReason.NOT_CONFIGURED, "no embedding model is configured")
    reading = read(result)
    if isinstance(reading, Absence):
        return reading
    if len(reading.texts) > MAX_TEXTS:
        detail = f"{len(reading.texts)} texts for the embedding model, {MAX_TEXTS} allowed"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    delivered, *others = (reading.texts[answer] for answer in reading.answers)
    texts = tuple(sorted(reading.texts))
    known = _known(model.name, delivered, texts)
    if not known:
        vectors = model.embed(texts)
        cosines = vectors @ vectors[texts.index(delivered)]
        known.update(zip(texts, cosines.tolist(), strict=True))
        known[delivered] = 1.0
    return MeanCosine(
        mean=math.fsum(known[text] for text in others) / len(others),
        provenance=(("embedding_model", model.name), *reading.provenance),
        flags=reading.flags,
    )


def cosine_steps(result: LlmResult) -> int:
    """Elementary steps of one run of the model for each response."""
    runs = min(MAX_TEXTS, len(result.alternatives) + 1)
    return 100 + 2 * chars(result) + STEPS_PER_TEXT * runs


@lru_cache(maxsize=32)
def _known(_model: str, _delivered: str, _texts: tuple[str, ...]) -> dict[str, float]:
    """The cosine of each text with the delivered one, as soon as a model was asked.

    Known by the texts, not by the result that holds them: in a compute process each metric gets
    the result anew.
    """
    return {}
