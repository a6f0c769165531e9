"""Citations of documents in running text: `[1]`, `[2, 3]`, `[1-3]`, `(doc-id)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NUMBERED = re.compile(
    r"[\[\u3010]([0-9]{1,3}(?:[ ]?[,;\u2013-][ ]?[0-9]{1,3}){0,30}+)"
    r"(?:[\u2020:][^\]\u3011\n]{0,40}+)?[\]\u3011]"
)
_NAMED = re.compile(r"[\[(]([^\[\]()\n]{1,128})[\])]")
# One mark or several in a bracket: `[d0]`, `[doc_3, doc_4]`, `[Source 2]`.
_LABEL = r"[A-Za-z]{1,16}+[ _#:-]{0,2}+[0-9]{1,4}"
_LABELLED = re.compile(rf"[\[\u3010]\^?{_LABEL}(?:[ ]?[,;][ ]?{_LABEL}){{0,30}}[\]\u3011]")
_DIGITS = re.compile(r"[0-9]+")
_MAX_RANGE = 50


@dataclass(frozen=True, slots=True)
class Citation:
    """One cited document: half-open offsets of the whole mark, and the document's place or None."""

    start: int
    end: int
    document: int | None


def citations(text: str, ids: Sequence[str]) -> list[Citation]:
    """Citations in the order of the text; `ids` are the documents' own, empty where they have none.

    A number counts documents from 1, or is an ID. Other text in brackets is a citation where it
    is an ID, or differs from one in its digits only, as `doc-9` beside `doc-1`.
    """
    if not any(bracket in text for bracket in "[(\u3010"):
        return []
    places: dict[str, int] = {}
    for place, name in enumerate(ids):
        if name:
            places.setdefault(name.strip().casefold(), place)
    numbered = {str(place + 1): place for place in range(len(ids))}
    if len(places) == len(ids) and all(name.isdecimal() for name in places):
        numbered = {}
    found = [
        Citation(match.start(), match.end(), places.get(number, numbered.get(number)))
        for match in _NUMBERED.finditer(text)
        for number in _numbers(match[1])
    ]
    shapes = {_shape(name) for name in places if _DIGITS.search(name) and not name.isdecimal()}
    taken = {citation.start for citation in found}
    for match in _NAMED.finditer(text) if places else ():
        name = match[1].strip().casefold()
        known = places.get(name)
        if match.start() not in taken and (known is not None or _shape(name) in shapes):
            found.append(Citation(match.start(), match.end(), known))
    return sorted(found, key=lambda citation: citation.start)


def citation_marks(text: str, ids: Sequence[str]) -> list[tuple[int, int]]:
    """Half-open offsets of what stands in brackets to cite, also of documents that are not there.

    Besides citations: marks of a word and a number, as in `[d0]`, that no document's ID explains.
    """
    cited = {(citation.start, citation.end) for citation in citations(text, ids)}
    return sorted(cited | {match.span() for match in _LABELLED.finditer(text)})


def _numbers(text: str) -> Iterator[str]:
    for part in re.split(r"[,;]", text):
        first, dash, last = part.replace("\u2013", "-").partition("-")
        if not dash:
            yield str(int(first))
        else:
            low, high = int(first), int(last.partition("-")[0])
            yield from map(str, range(low, min(high, low + _MAX_RANGE) + 1))


def _shape(name: str) -> str:
    return _DIGITS.sub("0", name)
