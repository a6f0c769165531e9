"""What a text says that its answer is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.metrics.numbers import numbers
from plimsoll.metrics.traces import lowered

# More than this after a mark is no conclusion but the rest of a text.
_MAX_CHARS = 300
# Where a trace's last number is looked for.
_LAST_CHARS = 2_000
_MARKS = (
    "\\boxed", "####", "answer", "conclusion",
    "antwort", "r\u00e9ponse", "respuesta", "risposta", "resposta",
)  # fmt: skip
_IS = r"(?:\s{1,4}(?:is|must be|should be|would be|ist|est|es|\u00e8|\u00e9)\b|\s{0,4}[:=])"
_MARK = re.compile(rf"\\boxed\s{{0,4}}\{{|####|\w+{_IS}")
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
    for mark in _marks_from_the_end(lowered(text)):
        start = mark.end()
        end = _closing(text, start) if mark[0].endswith("{") else _end(text, start)
        found = _trimmed(text, start, end)
        if found is not None:
            return found
    return None


def last_figures(text: str, language: str) -> Conclusion | None:
    """The last sentence that has a number, of a text that works towards one and does not say so."""
    found = numbers(text[-_LAST_CHARS:], language)
    if not found:
        return None
    at = max(0, len(text) - _LAST_CHARS) + found[-1].start
    start = max([0, *(match.end() for match in _END.finditer(text, max(0, at - _MAX_CHARS), at))])
    start = max(start, at - _MAX_CHARS)
    body = _trimmed(text, start, _end(text, at))
    return body and Conclusion(body.text, body.start, body.end, "last-figures")


def whole(text: str) -> Conclusion:
    """All of a text as its own conclusion."""
    return Conclusion(text, 0, len(text), "whole")


def _marks_from_the_end(text: str) -> Iterator[re.Match[str]]:
    """Marks of an answer in lower-case text, the last one first."""
    places = {mark: text.rfind(mark) for mark in _MARKS}
    while (place := max(places.values())) >= 0:
        mark = next(mark for mark, at in places.items() if at == place)
        within = mark.isalpha() and place > 0 and text[place - 1].isalnum()
        match = None if within else _MARK.match(text, place)
        if match is not None:
            yield match
        places[mark] = text.rfind(mark, 0, place)


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
