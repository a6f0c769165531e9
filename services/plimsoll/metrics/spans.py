"""Which of a response's tokens are those of its reasoning trace, and which those of its answer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from plimsoll.domain.result import Response, Tokens


@dataclass(frozen=True, slots=True)
class Spans:
    """The trace's tokens by half-open places, and the place of the answer's first token."""

    trace: tuple[int, int]
    answer: int


def spans(response: Response, tokens: Tokens) -> Spans | None:
    """Where the texts of tokens hold trace and answer; None where they do not hold the trace.

    Providers differ: some send tokens of the answer only, others of all that was written. The
    texts decide, because nothing else says so.
    """
    trace = response.reasoning.strip()
    if not trace or not tokens.texts:
        return None
    written = "".join(tokens.texts)
    start = written.find(trace)
    if start < 0:
        return None
    end = start + len(trace)
    answer = response.text.strip()
    begin = written.find(answer, end)
    # An answer that repeats its trace: these tokens may be the answer's alone.
    if begin < 0 and trace in answer:
        return None
    ends = list(accumulate(map(len, tokens.texts)))
    last = bisect_left(ends, end) + 1
    first_of_answer = bisect_right(ends, begin) if answer and begin >= 0 else last
    return Spans((bisect_right(ends, start), last), first_of_answer)
