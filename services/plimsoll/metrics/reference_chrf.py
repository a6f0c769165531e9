"""Overlap of the response's character n-grams with those of a right answer."""

from __future__ import annotations

from collections import Counter

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.references import best, chars, compared

MAX_ORDER = 6
BETA = 2.0
# Each character starts six n-grams that are kept at once.
MAX_CHARS = 400_000


class ReferenceChrf:
    """chrF2: F2 over character n-grams up to six, blanks aside (Popovic, WMT 2015).

    Case counts. Orders that one of the texts is too short for are left out, as in sacreBLEU; the
    best over references.
    """

    spec = MetricSpec(
        name="reference_chrf",
        version="1",
        family=Family.REFERENCE,
        summary="chrF2 with a reference answer. Ground truth: never in a confidence.",
        needs=(Need.REFERENCES, Need.RESPONSE_TEXT),
        source="Popovic, WMT 2015 (W15-3049)",
        raw_scale="chrF2, 0 to 1",
    )

    def work(self, result: LlmResult) -> int:
        """Six n-grams a character, each cut out and counted."""
        return 100 + 16 * chars(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """chrF2 in [0, 1]; evidence names the reference."""
        texts = compared(result, MAX_CHARS)
        if isinstance(texts, Absence):
            return texts
        return best(texts, chrf, order=str(MAX_ORDER), beta=f"{BETA:g}")


def chrf(response: str, reference: str) -> float:
    """F-beta of the mean precision and the mean recall over orders that both texts have."""
    ours, theirs = "".join(response.split()), "".join(reference.split())
    orders = min(MAX_ORDER, len(ours), len(theirs))
    if not orders:
        return float(ours == theirs)
    precision = recall = 0.0
    for order in range(1, orders + 1):
        mine, other = _ngrams(ours, order), _ngrams(theirs, order)
        common = (mine & other).total()
        precision += common / mine.total() / orders
        recall += common / other.total() / orders
    weighed = BETA**2 * precision + recall
    return (1.0 + BETA**2) * precision * recall / weighed if weighed else 0.0


def _ngrams(text: str, order: int) -> Counter[str]:
    return Counter([text[start : start + order] for start in range(len(text) - order + 1)])
