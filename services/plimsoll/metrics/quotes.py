"""Quotations in running text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plimsoll.metrics.words import folded, words

# Fewer words are a name, a title or scare quotes.
MIN_WORDS = 3
_MAX_CHARS = 2_000
# What opens, and what may close it. Nothing inside may open or close again, so each character is
# read a few times at the most.
_PAIRS = (
    ("\u201c\u201e", "\u201d\u201c"),
    ("\u00ab", "\u00bb"),
    ("\u00bb", "\u00ab"),
    ("\u300c", "\u300d"),
    ("\u300e", "\u300f"),
)
_QUOTED = re.compile(
    "|".join(
        [rf'(?<!\w)"([^"\n]{{1,{_MAX_CHARS}}}+)"']
        + [
            rf"[{opens}]([^{opens}{closes}\n]{{1,{_MAX_CHARS}}}+)[{closes}]"
            for opens, closes in _PAIRS
        ]
    )
)
_GAP = re.compile(r"\[?(?:\.\.\.|\u2026)\]?")
_MARKS = str.maketrans(
    "\u2018\u2019\u201a\u201b`\u00b4\u201c\u201d\u201e\u00ab\u00bb", "''''''" + '"""""'
)
_EDGES = " \t.,;:!?"


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation: half-open offsets of what stands between the marks, and its parts.

    An ellipsis divides it; punctuation at the edges, which style guides put inside the marks,
    belongs to no part.
    """

    start: int
    end: int
    parts: tuple[str, ...]


def quotes(text: str) -> list[Quote]:
    """Quotations of three words or more, in the order of the text; titles of works are none."""
    found: list[Quote] = []
    for match in _QUOTED.finditer(text):
        group = match.lastindex or 0
        parts = tuple(part for raw in _GAP.split(match[group]) if (part := raw.strip(_EDGES)))
        plain_words = words(folded(" ".join(parts)))
        if len(plain_words) >= MIN_WORDS and not _is_title(match[group]):
            found.append(Quote(match.start(group), match.end(group), parts))
    return found


def _is_title(text: str) -> bool:
    """Whether every longer word has a capital, as in the title of a work."""
    longer = [word for word in text.split() if len(word) > 3]
    return bool(longer) and all(word[0].isupper() for word in longer)


def plain(text: str) -> str:
    """A text without what does not make a quotation wrong: case, blanks, shape of marks."""
    return " ".join(folded(text.translate(_MARKS)).split())
