"""Numbers in running text: where they stand, and what values they may be read as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A run of digits with single separators between them: linear, as nothing in it is optional twice.
_DIGITS = re.compile(r"[0-9]++(?:[.,'\u2019\u00a0\u202f][0-9]++)*+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([,.'\u2019\u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*+")
_AFTER = re.compile(
    r"[ \u00a0]?(?:(thousand|million|billion|trillion)s?\b|(k|m|mn|mln|bn|b|tn)\b(?!\w))"
    r"|(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"[ \u00a0]?(?:[%\uff05\u066a]|per ?cent\b|percentage\b|pct\b)", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z]++")
_SCALES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "mln": 1e6,
    "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_SMALL = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {
    **{word: float(n) for n, word in enumerate(_SMALL, 2)},
    **{word: 10.0 * n for n, word in enumerate(_TENS, 2)},
    **{
        f"{tens}{ones}": 10.0 * t + o
        for t, tens in enumerate(_TENS, 2)
        for o, ones in enumerate(["one", *_SMALL[:8]], 1)
    },
    "dozen": 12.0,
}
# Primary language tags whose decimal separator is a comma.
_COMMA = frozenset(
    """
    af az be bg bs ca cs da de el es et eu fi fr gl hr hu hy id is it ka kk lt lv mk nb nl nn no
    pl pt ro ru sk sl sq sr sv tr uk uz vi
    """.split()  # noqa: SIM905 - tags read better as prose than each in quotes
)
# `-5`, but not the second number of `3-5` nor of `x-5`.
_MINUS = re.compile(r"(?:^|[\s(=:{$\u20ac\u00a3])[-\u2212][$\u20ac\u00a3]?\Z")
# A longer run of digits is a key or noise, not a quantity.
_MAX_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Reading:
    """One value that a number may have, at least 0, and the worth of its last written place."""

    value: float
    place: float


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text: half-open offsets in code points, and its readings, likeliest first.

    Signs are not read: `fell 3%` and `-3%` say the same of a number. `percent` says that a percent
    sign or word follows; its readings are those of the bare number.
    """

    start: int
    end: int
    readings: tuple[Reading, ...]
    percent: bool = False
    written_out: bool = False

    @property
    def value(self) -> float:
        """The likeliest value."""
        return self.readings[0].value


def reading_steps(text: str) -> int:
    """About how many elementary steps it takes to read a text's numbers: more with more digits."""
    return len(text) + 60 * digits(text)


def digits(text: str) -> int:
    """How many ASCII digits a text has."""
    return sum(map(text.count, "0123456789"))


def numbers(text: str, language: str = "") -> list[Number]:
    """Numbers in the order of the text; digits inside names (`B2B`, `COVID-19`) are none.

    Number words are read where the language is English or not named. In a language with decimal
    commas, `1.234` is 1234 and perhaps 1.234.
    """
    primary = language.partition("-")[0].lower()
    found = [
        number
        for match in _DIGITS.finditer(text)
        if not _in_a_name(text, match.start(), match.end())
        for number in _written(text, match, primary in _COMMA)
    ]
    if primary in {"", "en"}:
        found += _spelled(text)
        found.sort(key=lambda number: number.start)
    return found


def is_negative(text: str, number: Number) -> bool:
    """Whether a minus sign stands before the number."""
    return _MINUS.search(text[max(0, number.start - 3) : number.start]) is not None


def _in_a_name(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    if before.isalpha() or before == "_" or (end < len(text) and text[end] == "_"):
        return True
    # `F-16`, but not `pre-2000` and not `2010-2015`.
    return before == "-" and start > 1 and text[start - 2].isupper()


def _written(text: str, match: re.Match[str], comma: bool) -> Iterator[Number]:  # noqa: FBT001 - a fact of the language, not a switch
    token, start, end = match[0], match.start(), match.end()
    readings = _readings(token, comma)
    if readings is None:
        # A list, a date or a version: each part is a number of its own.
        for part in re.finditer(r"[0-9]+", token):
            if len(part[0]) <= _MAX_DIGITS:
                single = (Reading(float(part[0]), 1.0),)
                yield Number(start + part.start(), start + part.end(), single)
        return
    if len(token) > _MAX_DIGITS:
        return
    after = _AFTER.match(text, end)
    if after is not None:
        word = (after[1] or after[2] or "").lower()
        readings = _scaled(readings, _SCALES.get(word), sure=after[1] is not None)
        end = after.end()
    percent = _PERCENT.match(text, end)
    yield Number(start, percent.end() if percent else end, readings, percent is not None)


def _readings(token: str, comma: bool) -> tuple[Reading, ...] | None:  # noqa: FBT001 - as above
    """What digits with separators may be; None where they are several numbers."""
    marks = [mark for mark in token if not mark.isdigit()]
    if not marks:
        return (Reading(float(token), 1.0),) if len(token) <= _MAX_DIGITS else None
    last = marks[-1]
    whole, _, decimals = token.rpartition(last)
    if len(set(marks)) > 1:
        fits = last in ".," and marks.count(last) == 1 and _GROUPED.fullmatch(whole)
        return (_decimal(whole, decimals),) if fits else None
    as_group = (_decimal(token, ""),) if _GROUPED.fullmatch(token) else ()
    as_decimal = (_decimal(whole, decimals),) if len(marks) == 1 and last in ".," else ()
    if last == ("," if comma else ".") and as_decimal:
        return as_decimal
    # An English `3,5` is a list of two; a `1.234` where commas are decimal may be either.
    other = as_decimal if comma or last == "." else ()
    return (as_group + (other if comma or not as_group else ())) or None


def _decimal(whole: str, decimals: str) -> Reading:
    digits = "".join(mark for mark in whole if mark.isdigit())
    return Reading(float(f"{digits}.{decimals or '0'}"), 10.0 ** -len(decimals))


def _scaled(
    readings: tuple[Reading, ...], scale: float | None, *, sure: bool
) -> tuple[Reading, ...]:
    if scale is None:
        return readings
    scaled = tuple(Reading(r.value * scale, r.place * scale) for r in readings)
    # `5m` may be metres; and tables give `1,234` under `in millions`.
    bare = tuple(r for r in readings if not sure or r.value >= 100.0 * r.place)
    return scaled + bare


def _spelled(text: str) -> Iterator[Number]:
    """English number words from two on: `one` is mostly a pronoun."""
    if _WORDS.keys().isdisjoint(map(str.lower, _WORD.findall(text))):
        return
    words = list(_WORD.finditer(text))
    skip = -1
    for index, match in enumerate(words):
        value = _WORDS.get(match[0].lower())
        if value is None or index <= skip:
            continue
        end = match.end()
        if value >= 20 and index + 1 < len(words) and words[index + 1].start() == end + 1:
            both = _WORDS.get((match[0] + words[index + 1][0]).lower())
            if both is not None and text[end] in "- ":
                value, end, skip = both, words[index + 1].end(), index + 1
        readings: tuple[Reading, ...] = (Reading(value, 1.0),)
        after = _AFTER.match(text, end)
        if after is not None and after[1]:
            readings = _scaled(readings, _SCALES[after[1].lower()], sure=True)
            end = after.end()
        percent = _PERCENT.match(text, end)
        stop = percent.end() if percent else end
        yield Number(match.start(), stop, readings, percent is not None, written_out=True)
