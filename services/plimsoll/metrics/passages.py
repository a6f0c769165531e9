"""Sentences of a text, and passages of a document, by offsets."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from plimsoll.metrics.words import word_count, word_starts

# What may end a sentence: the marks with what closes behind them, or the end of a line. Marks are
# tried from the first of a row alone, as a row without a blank behind it is none from any of them.
_END = re.compile(
    r"(?<![.!?\u2026])[.!?\u2026]++[\"'\u2019\u201d)\]]*+(?=\s)|[\u3002\uff01\uff1f]++[\u300d\u300f\u201d]*+|\n"
)
_ABBREVIATIONS = frozenset(
    """
    al approx art bzw ca capt cf co col corp d.h dept dr ed e.g eq est etc ev fig gen gov hon i.e
    inc jr lt ltd max messrs mm mr mrs ms mt no nr op p pp prof ref rep rev s.o sen sgt sr st u.a
    univ usw vgl viz vol vs z.b
    """.split()  # noqa: SIM905 - words read better as prose than each in quotes
)
_LAST_WORD = re.compile(r"[^\W_](?:[\w.]{0,11})\Z")
_LAST_WINDOW = 16


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open offsets of sentences without blanks around them; every other character is in one.

    A line ends a sentence. An abbreviation, an initial or a lower-case letter behind the mark
    leaves it open.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if ends_sentence(text, match):
            _add(text, start, match.end(), found)
            start = match.end()
    _add(text, start, len(text), found)
    return found


class Passage(NamedTuple):
    """Half-open offsets, and half-open places of its words among those of the text as written."""

    start: int
    end: int
    first: int
    last: int


def passages(text: str, size: int = 80, count: int | None = None) -> list[Passage]:
    """Passages of about `size` words, of whole sentences where they are short.

    Each begins with the last sentence of the one before, so that what stands across a border is
    whole in one of them. A sentence that is longer by itself is cut every `size` words. `count`
    is how many words the text has, where that is known.
    """
    total = word_count(text) if count is None else count
    if total <= size:
        # Nothing to cut, and all sentences together are one passage.
        return _whole(text, total)
    pieces = _pieces(text, size)
    found: list[Passage] = []
    first = 0
    while first < len(pieces):
        start, end, word, until = pieces[first]
        last = first
        while last + 1 < len(pieces) and pieces[last + 1].last - word <= size:
            last += 1
            _, end, _, until = pieces[last]
        found.append(Passage(start, end, word, until))
        if last + 1 == len(pieces):
            break
        first = max(first + 1, last)
    return found


def _whole(text: str, total: int) -> list[Passage]:
    found: list[tuple[int, int]] = []
    _add(text, 0, len(text), found)
    return [Passage(start, end, 0, total) for start, end in found]


def _pieces(text: str, size: int) -> list[Passage]:
    """Sentences, and parts of long ones; no word stands across the border of a sentence."""
    found: list[Passage] = []
    first = 0
    for start, end in sentences(text):
        last = first + word_count(text, start, end)
        if last - first <= size:
            found.append(Passage(start, end, first, last))
        else:
            cuts = [start, *word_starts(text, start, end)[size::size], end]
            found += [
                Passage(left, right, at, min(at + size, last))
                for (left, right), at in zip(pairwise(cuts), range(first, last, size), strict=True)
            ]
        first = last
    return found


def ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Whether a mark at a match ends a sentence; a full stop behind `Dr` does not."""
    if match[0][0] != ".":
        return True
    word = _LAST_WORD.search(text, max(0, match.start() - _LAST_WINDOW), match.start())
    if word is not None:
        last = word[0].lower()
        initial = len(last) == 1 and last.isalpha() and word[0].isupper()
        if initial or last in _ABBREVIATIONS:
            return False
    behind = text[match.end() : match.end() + 8].lstrip()[:1]
    return not behind.islower()


def _add(text: str, start: int, end: int, found: list[tuple[int, int]]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))
