"""Whether two conclusions are the same answer, as far as their kinds let one tell."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from plimsoll.metrics.numbers import is_negative, numbers
from plimsoll.metrics.words import folded, words

_LETTER = re.compile(r"(?:(?:option|choice)\s{1,4})?\(?([A-Za-z])(?:[).:]|\Z)", re.IGNORECASE)
_FRACTION = re.compile(
    r"\\?[dt]?frac\{([0-9]{1,15})\}\{([0-9]{1,15})\}|([0-9]{1,15})/([0-9]{1,15})"
)
_ARTICLES = frozenset({"a", "an", "the"})
# A number with more words around it is a statement about it.
_MAX_WORDS = 4
_MAX_CHARS = 100
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far two answers are the same, in [0, 1], and the kind that they were compared as."""

    value: float
    kind: str


@dataclass(frozen=True, slots=True)
class _Value:
    """What a number may be: its readings with their sign, and the worth of its last place."""

    values: tuple[float, ...]
    place: float


def likeness(one: str, other: str, language: str) -> Likeness | None:
    """1 or 0 for choices and numbers, a share of words for texts; None for different kinds.

    Choices are the same letter. A number is another if they are equal or one is the other
    rounded; against a longer text it is enough that the number is there. Of two texts the share
    of the shorter one's words that the longer one has counts, so a word within a sentence is
    the same answer.
    """
    letters = _letter(one), _letter(other)
    if all(letters):
        return Likeness(float(letters[0] == letters[1]), "choice")
    ours, theirs = _values(one, language), _values(other, language)
    bare = _is_bare(one, ours), _is_bare(other, theirs)
    if any(bare):
        if not ours or not theirs:
            return None
        few, many = (ours, theirs) if len(ours) <= len(theirs) else (theirs, ours)
        return Likeness(float(any(_equal(few[0], value) for value in many)), "number")
    if any(letters):
        return None
    return _worded(one, other)


def is_number(text: str, language: str) -> bool:
    """Whether an answer is one number, with a unit or a word or two around it."""
    return _is_bare(text, _values(text, language))


def _worded(one: str, other: str) -> Likeness | None:
    bags = sorted((_bag(one), _bag(other)), key=Counter.total)
    if not bags[0]:
        return None
    return Likeness((bags[0] & bags[1]).total() / bags[0].total(), "text")


def _bag(text: str) -> Counter[str]:
    return Counter(word for word in words(folded(text)) if word not in _ARTICLES)


def _letter(text: str) -> str:
    match = _LETTER.match(text.strip())
    return match[1].upper() if match else ""


def _is_bare(text: str, values: list[_Value]) -> bool:
    few = len(values) == 1 and len(text) <= _MAX_CHARS
    return few and len(words(folded(text))) <= _MAX_WORDS


def _values(text: str, language: str) -> list[_Value]:
    found = _fractions(text) if "/" in text or "frac" in text else []
    if found and _FRACTION.fullmatch(text.strip()):
        return found
    for number in numbers(text, language):
        sign = -1.0 if is_negative(text, number) else 1.0
        values = [sign * reading.value for reading in number.readings]
        values += [value / 100.0 for value in values] if number.percent else []
        found.append(_Value(tuple(values), number.readings[0].place))
    return found


def _fractions(text: str) -> list[_Value]:
    parts = (
        [int(part) for part in match.groups() if part is not None]
        for match in _FRACTION.finditer(text)
    )
    return [_Value((above / below,), _EXACT) for above, below in parts if below]


def _equal(one: _Value, other: _Value) -> bool:
    return any(
        abs(a - b) <= max(_half(one, a), _half(other, b), _EXACT * abs(b))
        for a in one.values
        for b in other.values
    )


def _half(number: _Value, value: float) -> float:
    """How far a rounded number may be from what it rounds: two digits of it must be kept."""
    return number.place / 2 if abs(value) >= 10.0 * number.place else 0.0
