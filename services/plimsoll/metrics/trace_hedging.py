"""How little the reasoning trace doubts itself."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.traces import UNFAITHFUL, lowered, trace_too_large

MAX_EVIDENCE = 8
# A hedge is a phrase of these that is not the inside of a word. `wait` is the interjection only.
_HEDGES = (
    "maybe", "perhaps", "possibly", "probably", "presumably", "supposedly", "might", "could be",
    "may be", "seem", "seems", "appear to", "appears to", "not sure", "not certain", "not clear",
    "unsure", "uncertain", "unclear", "i think", "i guess", "i believe", "i suppose", "i assume",
    "i doubt", "don't know", "don\u2019t know", "don't remember", "don\u2019t remember",
    "hard to say", "hmm", "hmmm", "alternatively", "on second thought", "on second thoughts",
    "let me recheck", "let me re-check", "let me double-check", "let me double check",
    "wait,", "wait.", "wait!", "wait?", "wait:", "wait;", "wait\u2026", "wait\u2014", "wait -",
)  # fmt: skip
_END = re.compile(r"[.!?](?=\s|\Z)|\n")
# Below this share of function words a text is no English prose.
_MIN_SHARE = 0.1
_MAX_CHARS_A_WORD = 12.0


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
        return 100 + 2 * len(result.response.reasoning)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the first hedges."""
        problem = trace_too_large(result)
        if problem is not None:
            return problem
        trace = result.response.reasoning
        lower = lowered(trace)
        if not _is_english(lower):
            detail = "hedges are known in English only, and the trace does not read as English"
            return Absence(AbsenceReason.NOT_APPLICABLE, detail)
        ends = _sentence_ends(trace)
        hedges = _hedges(lower)
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
    """Whether enough words of a lower-case text are English function words."""
    found = text.split()
    # Single letters are names of variables as often as words.
    known = sum([len(word) > 1 for word in found if word in STOPWORDS])
    # Scripts without blanks have no such words: their characters count.
    return known > 0 and known >= _MIN_SHARE * max(len(found), len(text) / _MAX_CHARS_A_WORD)


def _hedges(text: str) -> list[tuple[int, int]]:
    """Half-open offsets of the hedges of a lower-case text, in order."""
    return sorted(span for phrase in _HEDGES for span in _whole(text, phrase))


def _whole(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Where a phrase stands that is not the inside of a word."""
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not before.isalnum() and not (after.isalnum() and phrase[-1].isalnum()):
            yield start, end
        start = text.find(phrase, end)


def _sentence_ends(text: str) -> list[int]:
    """Where sentences end that hold a letter or digit; the last one may lack its sign."""
    ends = []
    start = 0
    for end in (*(match.end() for match in _END.finditer(text)), len(text)):
        if any(mark.isalnum() for mark in text[start:end]):
            ends.append(end)
            start = end
    return ends
