"""How much of each sentence that cites is in the documents that it cites."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.citations import Citation, citations
from plimsoll.metrics.given import context_words, response_sentences, too_large
from plimsoll.metrics.reading import normal_form
from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.words import folded, words

MAX_EVIDENCE = 8


class CitationCoverage:
    """Mean over sentences that cite of the share of their content words in the cited documents.

    A citation at the beginning of a sentence belongs to the one before, as in `... so. [1]`. One
    of no document bears nothing. Lexical, in place of the entailment of ALCE's citation recall
    (arXiv:2305.14627): it sees a source that speaks of something else.
    """

    spec = MetricSpec(
        name="citation_coverage",
        version="1",
        family=Family.GROUNDING,
        summary="How well cited documents cover the words of the sentences that cite them.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="lexical citation recall, after ALCE, arXiv:2305.14627",
        raw_scale="lowest share of a sentence",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response a few times, and the context once."""
        context = sum(len(document.text) for document in result.context)
        return 100 + 4 * len(result.response.text) + context

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The mean in [0, 1]; evidence is the sentences that are covered least."""
        problem = too_large(result)
        if problem is not None:
            return problem
        if normal_form(result) != "text":
            return Absence(AbsenceReason.NOT_APPLICABLE, "code and mathematics cite nothing")
        text = result.response.text
        found = citations(text, [document.id for document in result.context])
        shares = _shares(result, found) if found else {}
        if not shares:
            return Absence(AbsenceReason.NOT_APPLICABLE, "no sentence cites")
        weak = sorted((span for span in shares if shares[span] < 1.0), key=lambda s: (shares[s], s))
        return Measurement(
            value=min(1.0, math.fsum(shares.values()) / len(shares)),
            raw_value=min(shares.values()),
            evidence=tuple(
                Evidence("weak_citation", "response.text", start, end, text[start:end][:200])
                for start, end in weak[:MAX_EVIDENCE]
            ),
            provenance=(("sentences", str(len(shares))),),
        )


def _shares(result: LlmResult, found: list[Citation]) -> dict[tuple[int, int], float]:
    """Sentences with citations, each with the share of its words that cited documents have."""
    spans = response_sentences(result)
    starts = [start for start, _ in spans]
    text = _without(result.response.text, found)
    cited: defaultdict[int, set[int]] = defaultdict(set)
    for citation in found:
        place = bisect_right(starts, citation.start) - 1
        leads = not text[starts[place] : citation.start].strip()
        bearing = cited[max(0, place - 1) if leads else place]
        if citation.document is not None:
            bearing.add(citation.document)
    known = [set(given) for given in context_words(result)]
    english = result.language.partition("-")[0].lower() in {"", "en"}
    skipped = STOPWORDS if english else frozenset()
    shares: dict[tuple[int, int], float] = {}
    for place, bearing in cited.items():
        start, end = spans[place]
        content = set(words(folded(text[start:end]))) - skipped
        if content:
            borne = sum(any(word in known[document] for document in bearing) for word in content)
            shares[start, end] = borne / len(content)
    return shares


def _without(text: str, found: list[Citation]) -> str:
    """The text with blanks for its citations, so that offsets stay."""
    pieces, start = [], 0
    for citation in found:
        if citation.start >= start:
            pieces += [text[start : citation.start], " " * (citation.end - citation.start)]
            start = citation.end
    return "".join([*pieces, text[start:]])
