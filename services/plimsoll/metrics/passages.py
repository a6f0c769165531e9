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


def passages(text: str, size: int = 80) -> list[tuple[int, int]]:
    """Half-open offsets of passages of about `size` words, of whole sentences where they are short.

    Each begins with the last sentence of the one before, so that what stands across a border is
    whole in one of them. A sentence that is longer by itself is cut every `size` words.
    """
    if word_count(text) <= size:
        # Nothing to cut, and all sentences together are one passage.
        return _whole(text)
    pieces = [piece for span in sentences(text) for piece in _cut(text, span, size)]
    found: list[tuple[int, int]] = []
    first = 0
    while first < len(pieces):
        last, words = first, pieces[first].words
        while last + 1 < len(pieces) and words + pieces[last + 1].words <= size:
            last += 1
            words += pieces[last].words
        found.append((pieces[first].start, pieces[last].end))
        if last + 1 == len(pieces):
            break
        first = max(first + 1, last)
    return found


class _Piece(NamedTuple):
    """A sentence or a part of a long one: half-open offsets, and how many words it has."""

    start: int
    end: int
    words: int


def _whole(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    _add(text, 0, len(text), found)
    return found


def _cut(text: str, span: tuple[int, int], size: int) -> list[_Piece]:
    """A sentence in pieces of `size` words; no word stands across the border of a sentence."""
    start, end = span
    count = word_count(text, start, end)
    if count <= size:
        return [_Piece(start, end, count)]
    cuts = [start, *word_starts(text, start, end)[size::size], end]
    return [
        _Piece(left, right, min(size, count - place * size))
        for place, (left, right) in enumerate(pairwise(cuts))
    ]


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
