"""What a text says that its answer is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from plimsoll.metrics.numbers import is_negative, numbers

# More than this after a mark is no conclusion but the rest of a text.
_MAX_CHARS = 300
_IS = r"(?:\s{1,4}(?:is|must be|should be|would be|ist|est|es|\u00e8|\u00e9)\b|\s{0,4}[:=])"
_MARK = re.compile(
    r"\\boxed\s{0,4}\{|####|\b(?:answer|conclusion|antwort|r\u00e9ponse|respuesta|risposta|resposta)"
    + _IS,
    re.IGNORECASE,
)
_END = re.compile(r"[.!?](?=\s|\Z)|[\n\u3002\uff01\uff1f]")
_AROUND = frozenset(" \t*_$\"'`:=()\\\u201c\u201d\u2018\u2019\u00ab\u00bb")


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a text concludes, with half-open offsets into it; `rule` says how it was found."""

    text: str
    start: int
    end: int
    rule: str


def stated(text: str) -> Conclusion | None:
    r"""What follows the last mark of an answer (`\boxed{`, `####`, `the answer is`), if any."""
    for start, boxed in reversed(list(_marks(text))):
        end = _closing(text, start) if boxed else _end(text, start)
        found = _trimmed(text, start, end)
        if found is not None:
            return found
    return None


def last_number(text: str, language: str) -> Conclusion | None:
    """The last number of a text, for one that works towards it and does not say so."""
    found = numbers(text, language)
    if not found:
        return None
    start = found[-1].start - is_negative(text, found[-1])
    return Conclusion(text[start : found[-1].end], start, found[-1].end, "last-number")


def whole(text: str) -> Conclusion:
    """All of a text as its own conclusion."""
    return Conclusion(text, 0, len(text), "whole")


def _marks(text: str) -> Iterable[tuple[int, bool]]:
    for mark in _MARK.finditer(text):
        yield mark.end(), mark[0].endswith("{")


def _end(text: str, start: int) -> int:
    """The end of the sentence or line; a mark may stand at the end of the line before."""
    while start < len(text) and _is_around(text[start]):
        start += 1
    limit = min(len(text), start + _MAX_CHARS)
    match = _END.search(text, start, limit)
    return match.start() if match else limit


def _closing(text: str, start: int) -> int:
    """The brace that closes one before `start`."""
    depth = 1
    limit = min(len(text), start + _MAX_CHARS)
    for place in range(start, limit):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
    return limit


def _trimmed(text: str, start: int, end: int) -> Conclusion | None:
    while start < end and _is_around(text[start]):
        start += 1
    while start < end and _is_around(text[end - 1]):
        end -= 1
    return Conclusion(text[start:end], start, end, "stated") if start < end else None


def _is_around(mark: str) -> bool:
    return mark in _AROUND or mark.isspace()
