"""The longest common subsequence of the response's words and a right answer's."""

from __future__ import annotations

from rapidfuzz.distance import LCSseq

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.references import best, chars, compared
from plimsoll.metrics.words import folded, words

# Cells of all tables; a second is about 20 thousand million.
MAX_CELLS = 5_000_000_000


class ReferenceRougeL:
    """ROUGE-L F1 on words, without stemming, the best over references (Lin, ACL 2004)."""

    spec = MetricSpec(
        name="reference_rouge_l",
        version="1",
        family=Family.REFERENCE,
        summary="ROUGE-L with a reference answer. Ground truth: never in a confidence.",
        needs=(Need.REFERENCES, Need.RESPONSE_TEXT),
        source="Lin, ACL 2004 (W04-1013)",
        raw_scale="ROUGE-L F1",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text, and a bit-parallel table for each reference."""
        references = result.expectations.references if result.expectations else ()
        cells = len(result.response.text) * sum(map(len, references)) // 16
        return 50 + chars(result) + cells // 2_000

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """F1 in [0, 1]; texts without a word match only themselves."""
        texts = compared(result)
        if isinstance(texts, Absence):
            return texts
        # No word is shorter than a character, so this bounds the tables.
        cells = len(texts.response) * sum(map(len, texts.references)) // 4
        if cells > MAX_CELLS:
            return Absence(AbsenceReason.INPUT_TOO_LARGE, "too many pairs of words to compare")
        return best(texts, rouge_l, stemming="none")


def rouge_l(response: str, reference: str) -> float:
    """2 LCS / (words of the one + words of the other)."""
    ours, theirs = words(folded(response)), words(folded(reference))
    if not ours and not theirs:
        return float(response.strip() == reference.strip())
    return 2.0 * LCSseq.similarity(ours, theirs) / (len(ours) + len(theirs))
