"""Share of the response's word pairs that stand in the context."""

from __future__ import annotations

from itertools import pairwise

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.given import context_words, response_words, too_large


class NgramCoverage:
    """Pairs of neighbouring words of the response that are neighbours in a context document.

    ROUGE-2 precision against the context (Lin, ACL 2004), with each document one reference and
    presence in place of counts: it sees words that are there but were put together anew.
    """

    spec = MetricSpec(
        name="ngram_coverage",
        version="1",
        family=Family.GROUNDING,
        summary="Share of the response's word pairs found in the context.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="ROUGE-2 precision, Lin, ACL 2004 (W04-1013)",
        raw_scale="word pairs found",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        context = sum(len(document.text) for document in result.context)
        return 50 + 2 * (len(result.response.text) + context)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; raw value is the count of pairs found."""
        problem = too_large(result)
        if problem is not None:
            return problem
        asked = list(pairwise(response_words(result)))
        if not asked:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response has no two words")
        wanted = set(asked)
        known: set[tuple[str, str]] = set()
        for given in context_words(result):
            known |= wanted.intersection(pairwise(given))
        found = sum(pair in known for pair in asked)
        return measurement(
            value=found / len(asked), raw_value=float(found), provenance=(("n", "2"),)
        )
