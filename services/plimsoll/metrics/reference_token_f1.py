"""Overlap of the response's words with those of a right answer."""

from __future__ import annotations

from collections import Counter

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.references import answer_words, best, chars, compared


class ReferenceTokenF1:
    """F1 over bags of words, the best over references (SQuAD, arXiv:1606.05250)."""

    spec = MetricSpec(
        name="reference_token_f1",
        version="1",
        family=Family.REFERENCE,
        summary="Word overlap with a reference answer. Ground truth: never in a confidence.",
        needs=(Need.REFERENCES, Need.RESPONSE_TEXT),
        source="Rajpurkar et al., arXiv:1606.05250",
        raw_scale="F1 over words",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        return 50 + chars(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """F1 in [0, 1]; evidence names the reference."""
        texts = compared(result)
        if isinstance(texts, Absence):
            return texts
        return best(texts, token_f1, words="no case, punctuation, articles")


def token_f1(response: str, reference: str) -> float:
    """Harmonic mean of the shares of words that the two have in common, with multiplicity."""
    ours, theirs = Counter(answer_words(response)), Counter(answer_words(reference))
    return 2.0 * (ours & theirs).total() / (ours.total() + theirs.total())
