"""What a text says that its answer is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from plimsoll.domain.quick import quick
from plimsoll.metrics.json_fields import Fields, Kind, fields_of
from plimsoll.metrics.numbers import numbers
from plimsoll.metrics.passages import ends_sentence
from plimsoll.metrics.traces import lowered

# More than this after a mark is no conclusion but the rest of a text.
_MAX_CHARS = 300
# Where a trace's last number is looked for.
_LAST_CHARS = 2_000
# How many marks are looked at from the end.
_LAST_MARKS = 16
# A text of one line and no more than this is an answer without reasoning.
_SHORT = 120
_MARKS = (
    "\\boxed", "####", "answer", "conclusion", "\na:", "\na :",
    "antwort", "r\u00e9ponse", "respuesta", "risposta", "resposta",
)  # fmt: skip
_IS = r"(?:\s{1,4}(?:is|must be|should be|would be|ist|est|es|\u00e8|\u00e9)\b|\s{0,4}[:=])"
_MARK = re.compile(rf"\\boxed\s{{0,4}}\{{|####|\na ?:|\w+(?:\*\*|__)?{_IS}")
_END = re.compile(r"[.!?](?=\s|\Z)|[\n\u3002\uff01\uff1f]")
_JSON_ENDS = frozenset("}`")
_AROUND = frozenset(" \t*_$\"'`:=()\\\u201c\u201d\u2018\u2019\u00ab\u00bb")


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a text concludes, with half-open offsets into it; `rule` says how it was found."""

    text: str
    start: int
    end: int
    rule: str


_conclusion = quick(Conclusion)


def concluded(texts: Sequence[str]) -> list[Conclusion | None]:
    """The answer that each text ends with: what it states, or a text of one short line itself.

    None where a longer text marks no answer, so that the end of an essay is not taken for one.
    """
    # Most texts mark nothing, which one look at all of them together tells.
    together = "\n".join(["", *texts]).lower()
    marked = any(mark in together for mark in _MARKS)
    find = stated if marked else _stated_in_json
    return [find(text) or _short(text) for text in texts]


def stated(text: str) -> Conclusion | None:
    r"""What a text marks as its answer, if anything.

    The member `answer` of a JSON object that is the whole text, or else what follows the last
    mark (`\boxed{`, `####`, `the answer is`, `Answer:`, a line `A:`), to the end of its sentence.
    """
    fields = _json_of(text)
    if fields is not None:
        return _member(fields)
    # A line that begins the text is one too; the line break is not of the text.
    for mark in islice(_marks_from_the_end(f"\n{lowered(text)}"), _LAST_MARKS):
        start = mark.end() - 1
        closing = _closing(text, start) if mark[0].endswith("{") else _end(text, start)
        found = None if closing is None else _trimmed(text, start, closing)
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
    return body and _conclusion(body.text, body.start, body.end, "last-figures")


def whole(text: str) -> Conclusion:
    """All of a text as its own conclusion."""
    return _conclusion(text, 0, len(text), "whole")


def _short(text: str) -> Conclusion | None:
    body = text.strip()
    if not 0 < len(body) <= _SHORT or "\n" in body:
        return None
    start = len(text) - len(text.lstrip())
    return _conclusion(body, start, start + len(body), "whole")


def _stated_in_json(text: str) -> Conclusion | None:
    """The same for a text without any mark."""
    fields = _json_of(text)
    return None if fields is None else _member(fields)


def _json_of(text: str) -> Fields | None:
    fields = fields_of(text) if text.rstrip()[-1:] in _JSON_ENDS else None
    return fields if isinstance(fields, dict) else None


def _member(fields: Fields) -> Conclusion | None:
    """The member `answer`, as it is written; other JSON says in no one place what it answers."""
    leaf = fields.get("/answer")
    if leaf is None or leaf.kind not in {Kind.STRING, Kind.NUMBER, Kind.BOOLEAN}:
        return None
    return _conclusion(leaf.text, leaf.start, leaf.end, "stated") if leaf.text.strip() else None


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
    for match in _END.finditer(text, start, limit):
        if match[0] != "." or ends_sentence(text, match):
            return match.start()
    return limit


def _closing(text: str, start: int) -> int | None:
    """The brace that closes one before `start`, or None where none does soon."""
    depth = 1
    for place in range(start, min(len(text), start + _MAX_CHARS)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
    return None


def _trimmed(text: str, start: int, end: int) -> Conclusion | None:
    while start < end and _is_around(text[start]):
        start += 1
    while start < end and _is_around(text[end - 1]):
        end -= 1
    return _conclusion(text[start:end], start, end, "stated") if start < end else None


def _is_around(mark: str) -> bool:
    return mark in _AROUND or mark.isspace()
