"""Whether a number stands in a text, rounds one there, or follows from two of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plimsoll.metrics.numbers import Number, Reading

# With more operands nearly every number follows from some two of them, and that says nothing.
MAX_OPERANDS = 100
# A derivation counts where few of a number's neighbours could be derived as well: of those up to
# ten last places away, at most this many.
_NEIGHBOURS = 10
_MAX_CHANCE = 2
_EXACT = 1e-9
_Floats = NDArray[np.float64]


class NumberSupport:
    """The numbers of a text, ready to be asked. Asking costs a few binary searches."""

    def __init__(self, given: Sequence[Number]) -> None:
        self._operands = sorted({number.value for number in given})
        self._values = sorted({value for number in given for value in _all_values(number)})

    def stands(self, number: Number) -> bool:
        """Whether the number is there, in any of its readings; 12 % is there as 0.12."""
        return any(self._within(value, _EXACT * max(1.0, value)) for value in _all_values(number))

    def rounds(self, number: Number) -> bool:
        """Whether it is a number of the text, rounded to two or more of its digits."""
        return any(
            reading.value >= 10.0 * place and self._within(reading.value, place / 2)
            for reading in number.readings
            for place in _places(reading)
        )

    def derives(self, number: Number) -> bool:
        """Whether two of them make it: sum, difference, mean, and product or ratio.

        For a percentage share and change stand in place of product and ratio. It is rounded to its
        last place, and does not count where it proves nothing: where numbers next to it would
        follow as well. Years are told, not worked out.
        """
        if _is_year(number.readings[0]):
            return False
        derived = self._shares if number.percent else self._products
        return len(derived) > 0 and any(
            _tells(derived, reading, _width(reading, percent=number.percent))
            for reading in number.readings
        )

    def _within(self, value: float, tolerance: float) -> bool:
        place = bisect_left(self._values, value - tolerance)
        return place < len(self._values) and self._values[place] <= value + tolerance

    @cached_property
    def _products(self) -> _Floats:
        a, b = self._pairs
        return _distinct([*_sums(a, b), a * b, _ratio(a, b)])

    @cached_property
    def _shares(self) -> _Floats:
        a, b = self._pairs
        return _distinct([*_sums(a, b), 100.0 * _ratio(a, b), 100.0 * _ratio(np.abs(a - b), b)])

    @cached_property
    def _pairs(self) -> tuple[_Floats, _Floats]:
        """Each two different numbers in both orders; none where there are too many."""
        fit = len(self._operands) <= MAX_OPERANDS
        one = np.array(self._operands if fit else [])
        a, b = (side.ravel() for side in np.meshgrid(one, one))
        return a[a != b], b[a != b]


def _width(reading: Reading, *, percent: bool) -> float:
    """How far apart the numbers are that are written alike; 0 where it has to be exact.

    Percentages are rounded to two digits and fewer, other results are not.
    """
    return reading.place if percent or reading.value >= 100.0 * reading.place else 0.0


def _tells(derived: _Floats, reading: Reading, width: float) -> bool:
    # No finer than what arithmetic in doubles keeps.
    width = max(width, 2.0 * _EXACT * reading.value)
    if not _hits(derived, [reading.value], width):
        return False
    step = max(reading.place, width)
    nearby = [reading.value + n * step for n in range(-_NEIGHBOURS, _NEIGHBOURS + 1) if n]
    return _hits(derived, nearby, width) <= _MAX_CHANCE


def _hits(derived: _Floats, values: Sequence[float], width: float) -> int:
    """How many of the values have a derived number within half a width."""
    around = np.array(values)
    half = width / 2 * (1.0 + _EXACT)
    first = np.searchsorted(derived, around - half, side="left")
    last = np.searchsorted(derived, around + half, side="right")
    return int(np.count_nonzero(last > first))


def _sums(a: _Floats, b: _Floats) -> list[_Floats]:
    return [a + b, np.abs(a - b), (a + b) / 2.0]


def _ratio(a: _Floats, b: _Floats) -> _Floats:
    return np.divide(a, b, out=np.full_like(a, np.nan), where=b != 0.0)


def _distinct(parts: Sequence[_Floats]) -> _Floats:
    found = np.concatenate(parts)
    return np.unique(found[np.isfinite(found)])


def _all_values(number: Number) -> Iterable[float]:
    for reading in number.readings:
        yield reading.value
        if number.percent:
            yield reading.value / 100.0


def _places(reading: Reading) -> list[float]:
    """The last written place, and for a round number the last that is not zero.

    Of the round number at least two digits are kept, and a year is no round number.
    """
    places = [reading.place]
    place = reading.place
    while reading.value >= 100.0 * place and _is_multiple(reading.value, 10.0 * place):
        place *= 10.0
    if place > reading.place and not _is_year(reading):
        places.append(place)
    return places


def _is_year(reading: Reading) -> bool:
    return reading.place == 1.0 and 1_000.0 <= reading.value < 2_100.0


def _is_multiple(value: float, of: float) -> bool:
    return abs(value / of - round(value / of)) < _EXACT
