"""Quantities with units in running text, and whether two that are said to be equal are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from plimsoll.metrics.numbers import digits

# By dimension: how many of its base unit each unit is. Only units that mean one thing.
_SIZES: Mapping[str, Mapping[str, float]] = {
    "length": {
        "nm nanometer nanometre": 1e-9, "mm millimeter millimetre": 1e-3,
        "cm centimeter centimetre": 1e-2, "m meter metre": 1.0, "km kilometer kilometre": 1e3,
        "inch inches": 0.0254, "ft foot feet": 0.3048, "yd yard": 0.9144, "mi mile": 1609.344,
    },
    "mass": {
        "mg milligram": 1e-3, "g gram": 1.0, "kg kilogram": 1e3, "tonne": 1e6,
        "lb pound": 453.59237, "oz ounce": 28.349523125,
    },
    "time": {
        "ms millisecond": 1e-3, "s sec second": 1.0, "min minute": 60.0, "h hr hour": 3600.0,
        "day": 86400.0, "week": 604800.0,
    },
    "volume": {"ml millilitre milliliter": 1e-3, "l liter litre": 1.0, "m\u00b3": 1e3},
    "area": {
        "m\u00b2": 1.0, "ha hectare": 1e4, "km\u00b2": 1e6, "acre": 4046.8564224,
        "ft\u00b2": 0.09290304, "mi\u00b2": 2589988.110336,
    },
    "speed": {"m/s": 1.0, "km/h kph kmh": 1 / 3.6, "mph": 0.44704},
    "energy": {"j joule": 1.0, "kj kilojoule": 1e3, "kcal": 4184.0, "kwh": 3.6e6},
    "temperature": {"\u00b0c": 1.0, "\u00b0f": 2.0},
}  # fmt: skip
_QUANTITY = re.compile(
    r"(?<![\w.,])([0-9]{1,12}+(?:,[0-9]{3}){0,4}+(?:\.[0-9]{1,9}+)?+)[ \u00a0-]?"
    r"(km/h|m/s|\u00b0[CF]|[A-Za-z]{1,12}+[\u00b2\u00b3]?)(?![\w/])"
)
# A sum, or one quantity in two units, as in `6 feet 1 inch`.
_JOINED = re.compile(r" ?([+\u2212-]) ?|,? (?:and )?")
_EQUAL = re.compile(r" ?(?:(=)|(\u2248)|(?:is |are )?(equals?|equal to)) ?")
# What makes a quantity a part of something else: `5 * 35 inches`, `35 inches / week`.
_BEFORE = re.compile(r"(?:[*\u00d7x/\u00f7\u00b7+\u2212^(%-]|\bper|\bof|\btimes)[ $]*\Z")
_AFTER = re.compile(r"[ )]*(?:[*\u00d7x/\u00f7\u00b7^]|per\b|times\b|an? |each\b|(?:and|,) ?[0-9])")
_BRACKET = re.compile(r" ?\((?:about |approximately |roughly |around |or |~|\u2248)? ?")
# Relative: what `=` may be off by where it is written with a digit or two, and a rough conversion.
_CLOSE = 0.01
_ROUGH = 0.05


@dataclass(frozen=True, slots=True)
class Claimed:
    """Two quantities that are said to be equal: half-open offsets, and whether they are."""

    start: int
    end: int
    holds: bool


@dataclass(frozen=True, slots=True)
class _Quantity:
    start: int
    end: int
    # None for a sum over different dimensions.
    dimension: str | None
    value: float
    # Half of the last written place, where two digits or more are written.
    slack: float
    # Of its unit, or of the last one that was added.
    size: float


def claimed_equal(text: str) -> list[Claimed]:
    """Equalities and conversions in the order of the text.

    `5 km = 5,000 m`, `3 kg + 200 g = 3.2 kg`, `26 miles (42 km)`. Different dimensions are never
    equal; in brackets they are not said to be, and are let pass.
    """
    # Two quantities have two digits.
    if digits(text) < 2:
        return []
    terms = [_quantity(match) for match in _QUANTITY.finditer(text)]
    known = [term for term in terms if term is not None]
    claims: list[Claimed] = []
    index = 0
    while index < len(known):
        left, index = _sum(text, known, index)
        if index == len(known):
            break
        gap = text[left.end : known[index].start]
        if _BRACKET.fullmatch(gap) and text[known[index].end : known[index].end + 1] == ")":
            right = known[index]
            if left.dimension == right.dimension:
                claims.append(Claimed(left.start, right.end, _equal(left, right, _ROUGH)))
            index += 1
        elif (mark := _EQUAL.fullmatch(gap)) is not None:
            right, _ = _sum(text, known, index)
            holds = _equal(left, right, _ROUGH if mark[2] else _CLOSE)
            if holds or _whole(text, left.start, right.end):
                claims.append(Claimed(left.start, right.end, holds))
    return claims


def unit_of(word: str) -> tuple[str, float] | None:
    """The dimension of a unit, and how many of its base unit it is; None for another word.

    Degrees of Celsius and Fahrenheit are two dimensions here: neither is a multiple of the other.
    """
    lowered = word.lower()
    found = _units().get(lowered) or _units().get(lowered.removesuffix("s"))
    if found is None:
        return None
    is_temperature = found[0] == "temperature"
    return (f"{found[0]} {lowered}", 1.0) if is_temperature else found


def _whole(text: str, start: int, end: int) -> bool:
    """Whether an equality is all that is said, and no piece of a calculation."""
    before = _BEFORE.search(text, max(0, start - 8), start)
    return before is None and _AFTER.match(text, end, min(len(text), end + 12)) is None


def _quantity(match: re.Match[str]) -> _Quantity | None:
    word = match[2].lower()
    unit = _units().get(word) or _units().get(word.removesuffix("s"))
    if unit is None:
        return None
    dimension, size = unit
    digits = match[1].replace(",", "")
    number = float(digits)
    half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
    slack = half if number >= 20.0 * half else 0.0
    if dimension == "temperature":
        value, scale = (number, 1.0) if size == 1.0 else ((number - 32.0) / 1.8, 1 / 1.8)
    else:
        value, scale = number * size, size
    return _Quantity(match.start(), match.end(), dimension, value, slack * scale, size)


def _sum(text: str, known: list[_Quantity], index: int) -> tuple[_Quantity, int]:
    """The quantity at a place with those that are added to it, and the place behind them."""
    total = known[index]
    index += 1
    while index < len(known):
        joint = _JOINED.fullmatch(text, total.end, known[index].start)
        term = known[index]
        if joint is None or not (joint[1] or _goes_on(total, term)):
            break
        sign = -1.0 if joint[1] in {"-", "\u2212"} else 1.0
        total = _Quantity(
            total.start,
            term.end,
            total.dimension if total.dimension == term.dimension else None,
            total.value + sign * term.value,
            total.slack + term.slack,
            term.size,
        )
        index += 1
    return total, index


def _goes_on(total: _Quantity, term: _Quantity) -> bool:
    return total.dimension == term.dimension != "temperature" and term.size < total.size


def _equal(one: _Quantity, other: _Quantity, off: float) -> bool:
    if one.dimension is None or one.dimension != other.dimension:
        return False
    allowed = max(one.slack, other.slack, off * max(abs(one.value), abs(other.value)))
    return abs(one.value - other.value) <= allowed


@cache
def _units() -> Mapping[str, tuple[str, float]]:
    return {
        word: (dimension, size)
        for dimension, sizes in _SIZES.items()
        for words, size in sizes.items()
        for word in words.split()
    }
