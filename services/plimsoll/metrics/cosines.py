"""How near alternatives are to the response for an embedding model, asked once a result."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.metrics.last import Last
from plimsoll.metrics.reading import Reading, chars, read
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
    known = _last.of(reading)
    if model.name not in known:
        known[model.name] = _asked(reading, model)
    return known[model.name]


def cosine_steps(result: LlmResult) -> int:
    """Elementary steps of one run of the model for each response."""
    runs = min(MAX_TEXTS, len(result.alternatives) + 1)
    return 100 + 2 * chars(result) + STEPS_PER_TEXT * runs


def _asked(reading: Reading, model: Embedder) -> MeanCosine:
    order = sorted(range(len(reading.texts)), key=lambda place: reading.texts[place])
    vectors = model.embed([reading.texts[place] for place in order])
    row = {place: vectors[index] for index, place in enumerate(order)}
    delivered, *others = reading.answers
    cosines = [
        1.0 if other == delivered else float(row[delivered] @ row[other]) for other in others
    ]
    return MeanCosine(
        mean=math.fsum(cosines) / len(cosines),
        provenance=(("embedding_model", model.name), *reading.provenance),
        flags=reading.flags,
    )


def _nothing_known(_reading: Reading) -> dict[str, MeanCosine]:
    return {}


_last = Last(_nothing_known)
