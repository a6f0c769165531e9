"""Mean pairwise ROUGE-L over the response and its sampled alternatives."""

from __future__ import annotations

import math

import numpy as np
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cdist

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.reading import MAX_CODED, Reading, chars, coded_words, read

# Cells of all pairwise tables of a result; a second is about 20 thousand million.
MAX_CELLS = 20_000_000_000
# Different responses; the table of their pairs is kept in memory.
MAX_RESPONSES = 500


class LexicalSimilarity:
    """Mean over all pairs of N responses of ROUGE-L F1 on words (Fomicheva et al., TACL 2020)."""

    spec = MetricSpec(
        name="lexical_similarity",
        version="1",
        family=Family.BLACK_BOX,
        summary="How alike the response and its sampled alternatives are, word by word.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Fomicheva et al., TACL 2020, arXiv:2005.10608; ROUGE-L F1",
        raw_scale="mean ROUGE-L F1",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, and a bit-parallel table for each pair."""
        pairs = (len(result.alternatives) + 1) * len(result.alternatives) // 2
        # Words are four characters or more, with a blank; a step is 100 ns, and 2,000 cells.
        cells = (chars(result) // 4) ** 2 // 2
        return 200 + chars(result) + 4 * pairs + cells // 2_000

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The mean in [0, 1]; two responses without a word are alike only if they are the same."""
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        problem = _size_problem(reading)
        if problem is not None:
            return problem
        value = mean_rouge_l(reading)
        return measurement(
            value=value,
            raw_value=value,
            provenance=(*reading.provenance, ("similarity", "rouge-l-f1")),
            flags=reading.flags,
        )


def mean_rouge_l(reading: Reading) -> float:
    """Mean ROUGE-L F1 over all pairs of responses; the order of responses does not matter."""
    # A response without words stands for itself.
    keys = [code or (text,) for code, text in zip(coded_words(reading), reading.texts, strict=True)]
    counts: dict[str | tuple[str], int] = {}
    for answer in reading.answers:
        counts[keys[answer]] = counts.get(keys[answer], 0) + 1
    n = len(reading.answers)
    pairs = n * (n - 1) // 2
    same = sum(count * (count - 1) // 2 for count in counts.values())
    if same == pairs:
        return 1.0
    worded = [key for key in counts if isinstance(key, str)]
    alike = _weighted_f1(worded, [counts[key] for key in worded]) if len(worded) > 1 else 0.0
    return min(1.0, (same + alike) / pairs)


def _weighted_f1(texts: list[str], counts: list[int]) -> float:
    """Sum over distinct pairs of F1 times how often the pair occurs."""
    common = cdist(texts, texts, scorer=LCSseq.similarity, dtype=np.int32).tolist()
    lengths = [len(text) for text in texts]
    # Exact summation: the same in any order.
    return math.fsum(
        [
            2.0 * shared / (lengths[one] + lengths[other]) * (counts[one] * counts[other])
            for one, row in enumerate(common)
            for other, shared in enumerate(row[:one])
        ]
    )


def _size_problem(reading: Reading) -> Absence | None:
    lengths = [len(reading.words[answer]) for answer in set(reading.answers)]
    total = sum(lengths)
    cells = (total * total - sum(length * length for length in lengths)) // 2
    if cells > MAX_CELLS or total > MAX_CODED or len(lengths) > MAX_RESPONSES:
        detail = f"{total} words in {len(lengths)} different responses are too many to compare"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    return None
