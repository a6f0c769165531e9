"""How little the reasoning trace doubts itself."""

from __future__ import annotations

import re
from bisect import bisect_left

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.traces import UNFAITHFUL, trace_too_large
from plimsoll.metrics.words import folded, words

MAX_EVIDENCE = 8
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably|presumably|supposedly|might|could be|may be|seems?|"
    r"appears? to|not (?:sure|certain|clear)|unsure|uncertain|unclear|alternatively|hard to say|"
    r"i (?:think|guess|believe|suppose|assume|doubt)|don['\u2019]t (?:know|remember|recall)|hmm+|"
    r"on second thoughts?|let me (?:re-?check|double[- ]check|reconsider))\b"
    # The interjection, not the verb.
    r"|\bwait(?=\s{0,2}[,.!?:;\u2026\u2014-])",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?](?=\s|\Z)|\n")
# Below this share of function words a text is no English prose.
_MIN_FUNCTION_WORDS = 0.1


class TraceHedging:
    """1 - the share of the trace's sentences that hedge (`maybe`, `not sure`, `wait`).

    English only: a trace with few English function words is `not_applicable`, whatever its
    result's language. A trace may be unfaithful, and one that does not hedge may be trained not
    to.
    """

    spec = MetricSpec(
        name="trace_hedging",
        version="1",
        family=Family.TRACE,
        summary="Share of the reasoning's sentences in which the model does not doubt itself.",
        needs=(Need.REASONING,),
        source="hedges and self-corrections, a fixed English list",
        raw_scale="share of sentences that hedge",
    )

    def work(self, result: LlmResult) -> int:
        """Looking for hedges, words and ends of sentences in the trace."""
        return 100 + 4 * len(result.response.reasoning)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the first hedges."""
        problem = trace_too_large(result)
        if problem is not None:
            return problem
        trace = result.response.reasoning
        if not _is_english(trace):
            detail = "hedges are known in English only, and the trace does not read as English"
            return Absence(AbsenceReason.NOT_APPLICABLE, detail)
        ends = _sentence_ends(trace)
        hedges = [match.span() for match in _HEDGE.finditer(trace)]
        hedged = len({bisect_left(ends, end) for _, end in hedges})
        share = hedged / len(ends)
        return Measurement(
            value=1.0 - share,
            raw_value=share,
            evidence=tuple(
                Evidence("hedge", "response.reasoning", start, end, trace[start:end])
                for start, end in hedges[:MAX_EVIDENCE]
            ),
            provenance=(("hedges", "en-1"),),
            flags=(UNFAITHFUL,),
        )


def _is_english(text: str) -> bool:
    found = words(folded(text))
    # Single letters are names of variables as often as words.
    known = sum([len(word) > 1 and word in STOPWORDS for word in found])
    return known > 0 and known >= _MIN_FUNCTION_WORDS * len(found)


def _sentence_ends(text: str) -> list[int]:
    """Where sentences end that hold a letter or digit; the last one may lack its sign."""
    ends = []
    start = 0
    for end in (*(match.end() for match in _END.finditer(text)), len(text)):
        if any(mark.isalnum() for mark in text[start:end]):
            ends.append(end)
            start = end
    return ends
