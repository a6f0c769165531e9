"""The probabilities of a verdict's grade, where the endpoint tells those of its tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from plimsoll.domain.judging import JudgeReply
from plimsoll.domain.result import Tokens
from plimsoll.domain.rubric import Rubric
from plimsoll.judging.questions import GRADE

# Only a member's name stands so: inside a JSON string its quotes are escaped.
_PLACE = re.compile(rf'[{{,]\s*"{GRADE}"\s*:\s*')


def grade_logprobs(rubric: Rubric, reply: JudgeReply) -> Mapping[float, float] | None:
    """Natural logarithms by grade, of the token that is the grade in the reply; None without one.

    None, too, where the tokens are not those of the verdict: several places that could be it,
    another grade there than the verdict has, or a token that is more than the grade.
    """
    tokens, verdict = reply.tokens, reply.verdict
    if tokens is None or verdict is None or len(tokens.texts) != len(tokens.logprobs):
        return None
    at = _place(tokens.texts)
    if at is None or tokens.texts[at].strip() != str(verdict.get(GRADE)):
        return None
    grades = {str(level.grade): float(level.grade) for level in rubric.levels}
    found: dict[float, list[float]] = {}
    for text, logprob in dict(_candidates(tokens, at)).items():
        grade = grades.get(text.strip())
        # A grammar's mask leaves logarithms such as -1000, whose probability is 0 as a number.
        if grade is not None and logprob <= 0.0 < math.exp(logprob):
            found.setdefault(grade, []).append(logprob)
    # With and without a blank before it are two tokens of one grade.
    return {grade: _log_sum(logprobs) for grade, logprobs in found.items()} or None


def _place(texts: tuple[str, ...]) -> int | None:
    """The index of the token that begins the grade, where there is one such place."""
    written = "".join(texts)
    ends = [match.end() for match in _PLACE.finditer(written)]
    if len(ends) != 1 or ends[0] >= len(written):
        return None
    passed = 0
    for index, text in enumerate(texts):
        passed += len(text)
        if passed > ends[0]:
            return index
    return None


def _candidates(tokens: Tokens, at: int) -> Iterator[tuple[str, float]]:
    """The token itself and its alternatives, each once."""
    yield tokens.texts[at], tokens.logprobs[at]
    counts = tokens.top_counts or (tokens.top_k,) * len(tokens.texts)
    if len(tokens.top_texts) != sum(counts) or len(tokens.top_logprobs) != sum(counts):
        return
    begin = sum(counts[:at])
    end = begin + counts[at]
    yield from zip(tokens.top_texts[begin:end], tokens.top_logprobs[begin:end], strict=True)


def _log_sum(logprobs: list[float]) -> float:
    return min(0.0, math.log(math.fsum(map(math.exp, sorted(logprobs)))))
