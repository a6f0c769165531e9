"""CoCoA: a response's own uncertainty times how unlike its alternatives are (arXiv:2502.04964)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement, measurement
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.metrics.last import Last
from plimsoll.metrics.reading import MAX_CODED, Reading, chars, coded_words, read

# Cells of all tables of words by words; a second is about 20 thousand million.
MAX_CELLS = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Unlikeness:
    """(1/m) sum of 1 - sim(y, y_i) over m alternatives, in [0, 1], and what it rests on."""

    value: float
    provenance: Pairs
    flags: tuple[str, ...]

    def measured(
        self, value: float, uncertainty: float, provenance: Pairs, flags: tuple[str, ...] = ()
    ) -> Measurement:
        """The measurement of a variant; its raw value is u(y) times the unlikeness."""
        return measurement(
            value=value,
            raw_value=uncertainty,
            provenance=(("similarity", "rouge-l-f1"), *provenance, *self.provenance),
            flags=(*flags, *self.flags),
        )


def unlikeness(result: LlmResult) -> Unlikeness | Absence:
    """How unlike its alternatives the response is, by ROUGE-L F1 on words."""
    reading = read(result)
    return reading if isinstance(reading, Absence) else _last.of(reading)


def unlikeness_steps(result: LlmResult) -> int:
    """Elementary steps of reading each text once, and of a bit-parallel table for each pair."""
    delivered = len(result.response.text)
    # Words are four characters or more, with a blank; a step is 100 ns, and 2,000 cells.
    cells = delivered * (chars(result) - delivered) // 16
    return 200 + chars(result) + 20 * len(result.alternatives) + cells // 2_000


def mean_unlikeness(similarities: Sequence[float]) -> float:
    """(1/m) sum of 1 - sim; exact summation, so that the order does not matter."""
    return math.fsum(1.0 - similarity for similarity in similarities) / len(similarities)


def _unlikeness(reading: Reading) -> Unlikeness | Absence:
    delivered, *others = reading.answers
    words = reading.words[delivered]
    cells = len(words) * sum(len(reading.words[other]) for other in others)
    if cells > MAX_CELLS:
        detail = f"{cells} pairs of words to compare, {MAX_CELLS} allowed"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    fits = sum(map(len, reading.words)) <= MAX_CODED
    texts = coded_words(reading) if fits else reading.words
    known = {delivered: 1.0}
    for other in set(others) - {delivered}:
        known[other] = _rouge_l(texts[delivered], texts[other])
    return Unlikeness(
        value=mean_unlikeness([known[other] for other in others]),
        provenance=reading.provenance,
        flags=reading.flags,
    )


def _rouge_l(ours: Sequence[str], theirs: Sequence[str]) -> float:
    if ours == theirs:
        # Two texts without any word that are not the same text are unlike.
        return 1.0 if ours else 0.0
    return 2.0 * LCSseq.similarity(ours, theirs) / (len(ours) + len(theirs))


_last = Last(_unlikeness)
