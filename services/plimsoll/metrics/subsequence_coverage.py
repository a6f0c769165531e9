"""Share of the response's words that the context has in the same order."""

from __future__ import annotations

from itertools import chain

from rapidfuzz.distance import LCSseq

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.given import context_words, response_words, too_large

# Cells of the table; a second is about 20 thousand million.
MAX_CELLS = 5_000_000_000


class SubsequenceCoverage:
    """ROUGE-L precision against the context (Lin, ACL 2004): LCS / words of the response.

    The context is its documents one after another. Words may lie apart there, so it sees order
    where single words do not, and rephrasing where pairs of neighbours do not.
    """

    spec = MetricSpec(
        name="subsequence_coverage",
        version="1",
        family=Family.GROUNDING,
        summary="Share of the response's words found in the context in the same order.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="ROUGE-L precision, Lin, ACL 2004 (W04-1013)",
        raw_scale="words of the longest common subsequence",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, and a bit-parallel table of words."""
        context = sum(len(document.text) for document in result.context)
        cells = len(result.response.text) * context // 16
        return 50 + len(result.response.text) + context + cells // 2_000

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; raw value is the length of the common subsequence."""
        problem = too_large(result)
        if problem is not None:
            return problem
        asked = response_words(result)
        if not asked:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response has no word")
        given = list(chain.from_iterable(context_words(result)))
        if len(asked) * len(given) > MAX_CELLS:
            return Absence(AbsenceReason.INPUT_TOO_LARGE, "too many pairs of words to compare")
        common = LCSseq.similarity(asked, given)
        return measurement(value=common / len(asked), raw_value=float(common))
