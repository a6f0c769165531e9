"""Texts as words, numbers and normal forms: the one reading that all metrics share."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from decimal import Context, Decimal

# Scripts that write no blanks between words: each character counts as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+(?:[.,][0-9]+)*")
# The same for ASCII, and quicker.
_ASCII_WORD = re.compile(r"[A-Za-z0-9_]+(?:[.,][0-9]+)*")
_IN_A_NUMBER = re.compile(",[0-9]")
_CODE_WORD = re.compile(r"\w+|[^\w\s]")
_ASCII_CODE_WORD = re.compile(r"[A-Za-z0-9_]+|[^A-Za-z0-9_\s]")
_NUMBER = re.compile(
    r"[+-]?(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?"
)
_NUMBER_STARTS = frozenset("+-.0123456789")
_ARTICLES = frozenset({"a", "an", "the"})
_MAX_NUMBER_CHARS = 64
_EXACT = Context(prec=_MAX_NUMBER_CHARS)


def folded(text: str) -> str:
    """NFKC and case folding; a shorter way to the same end for ASCII."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def words(folded_text: str) -> list[str]:
    """Words of a folded text: runs of letters and digits, numbers whole, thousands joined."""
    found = _as_written(folded_text).findall(folded_text)
    # Most commas stand behind a word, not in a number.
    if "," in folded_text and _IN_A_NUMBER.search(folded_text):
        return [word.replace(",", "") for word in found]
    return found


def words_of(texts: Sequence[str]) -> list[list[str]]:
    """Words of each of several texts, folded here; a shorter way to the same end for ASCII."""
    together = "\n".join(texts)
    if together.isascii() and "," not in together:
        return [_ASCII_WORD.findall(text.lower()) for text in texts]
    return [words(folded(text)) for text in texts]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Half-open offsets of the words of a text as it was written, in code points."""
    return [match.span() for match in _as_written(text).finditer(text)]


def word_starts(text: str, start: int, end: int) -> list[int]:
    """Where those between two offsets begin."""
    return [match.start() for match in _as_written(text).finditer(text, start, end)]


def word_count(text: str, start: int = 0, end: int = sys.maxsize) -> int:
    """How many there are between two offsets."""
    return len(_as_written(text).findall(text, start, end))


def code_words_of(texts: Sequence[str]) -> list[list[str]]:
    """Names, numbers and single symbols of each of several pieces of source code; case counts."""
    return [(_ASCII_CODE_WORD if text.isascii() else _CODE_WORD).findall(text) for text in texts]


def number(text: str) -> str | None:
    """The canonical form of a text that is one number, or None: `1,000.50` is `1000.5`."""
    trimmed = text.strip().rstrip(".")
    if trimmed[:1] not in _NUMBER_STARTS or len(trimmed) > _MAX_NUMBER_CHARS:
        return None
    if not _NUMBER.fullmatch(trimmed):
        return None
    value = Decimal(trimmed.replace(",", ""))
    return "0" if value == 0 else str(_EXACT.normalize(value))


def normal_text(folded_text: str, folded_words: list[str]) -> str:
    """Words without articles, single-spaced; a text without any keeps its characters."""
    kept = " ".join([word for word in folded_words if word not in _ARTICLES])
    return kept or folded_text.strip()


def _as_written(text: str) -> re.Pattern[str]:
    return _ASCII_WORD if text.isascii() else _WORD


def normal_lines(text: str) -> str:
    """Source code without blank lines and trailing blanks; case, signs and indentation count."""
    return "\n".join([line.rstrip() for line in text.splitlines() if line.strip()])


def normal_formula(folded_text: str) -> str:
    """Single-spaced; signs and punctuation count, because `x-1` is not `x+1`."""
    return " ".join(folded_text.split())
