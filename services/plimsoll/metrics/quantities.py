"""A number as an answer: its value, how exactly it was written, and what it is of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from plimsoll.domain.quick import quick
from plimsoll.metrics.units import unit_of
from plimsoll.metrics.words import number, words

_FIGURE = re.compile(
    r"(?<![\w.])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,2}(?![0-9]))?"
)
_FRACTION = re.compile(
    r"([+-])?(?:\\?[dt]?frac\{([0-9]{1,15})\}\{([0-9]{1,15})\}|([0-9]{1,15}) ?/ ?([0-9]{1,15}))"
)
_UNIT = re.compile(
    r"(?:km/h|m/s|[a-z]{1,14}[\u00b2\u00b32]?|\u00b0 ?[cf]|[%$\u20ac\u00a3\u00a5\u20b9\u00a2])"
)
_SIGNS = frozenset("+-*/=^()[]{}<>|\\_")
_FEW_WORDS = 4
_MAX_DIGITS = 64
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ONE, _HUNDREDTH = Fraction(1), Fraction(1, 100)
_MONEY = {
    "$": ("USD", _ONE), "usd": ("USD", _ONE), "dollar": ("USD", _ONE), "dollars": ("USD", _ONE),
    "\u00a2": ("USD", _HUNDREDTH), "cent": ("USD", _HUNDREDTH), "cents": ("USD", _HUNDREDTH),
    "\u20ac": ("EUR", _ONE), "eur": ("EUR", _ONE), "euro": ("EUR", _ONE), "euros": ("EUR", _ONE),
    "\u00a3": ("GBP", _ONE), "gbp": ("GBP", _ONE), "\u00a5": ("JPY", _ONE), "jpy": ("JPY", _ONE),
    "yen": ("JPY", _ONE), "\u20b9": ("INR", _ONE), "inr": ("INR", _ONE), "rupees": ("INR", _ONE),
    "%": ("%", _ONE), "percent": ("%", _ONE), "pct": ("%", _ONE),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the unit that it was written in.

    `place` is what its last decimal is worth, 0 where it was written whole or as a fraction. `of`
    is a dimension or a currency, empty where nothing is said; `size` is its unit in base units.
    """

    value: Fraction
    place: Fraction
    of: str
    size: Fraction

    def same_as(self, other: Quantity) -> bool:
        """Equal where both say what they are of, in base units; else as numbers, as written.

        Whole numbers compare exactly. A number with decimals may be another one rounded, if it
        keeps two digits. A percentage is also the number that it is.
        """
        if self.of and other.of:
            return self.of == other.of and _equal(self.based, other.based)
        if "%" in {self.of, other.of}:
            one, two = (self, other) if self.of else (other, self)
            return _equal(one, two) or _equal(one.times(_HUNDREDTH), two)
        return _equal(self, other)

    @property
    def based(self) -> Quantity:
        """The same in base units."""
        return self.times(self.size)

    def times(self, factor: Fraction) -> Quantity:
        """So many times as much of the same."""
        return _quantity(self.value * factor, self.place * factor, self.of, self.size)

    @property
    def whole(self) -> bool:
        """Whether it is a whole number that was written as one."""
        return not self.place and self.value.denominator == 1


_quantity = quick(Quantity)


def quantity(folded_text: str) -> Quantity | None:
    """The number that a text of a few words holds: `16 dollars`, `-$1,200`, `80%`, `3/4`, `5 km`.

    None where it holds none or several, or where other signs make it a formula. A word that is no
    unit is what is counted, and is not compared: `16 eggs` is 16.
    """
    alone = number(folded_text)
    if alone is not None:
        return _of_digits(folded_text.strip().rstrip("."), 1, "", Fraction(1))
    fraction = _FRACTION.fullmatch(folded_text)
    if fraction is not None:
        sign, *parts = (part for part in fraction.groups())
        above, below = (int(part) for part in parts if part is not None)
        value = Fraction(-above if sign == "-" else above, below) if below else None
        return None if value is None else _quantity(value, Fraction(0), "", Fraction(1))
    figures = list(_FIGURE.finditer(folded_text)) if len(words(folded_text)) <= _FEW_WORDS else []
    return _with_unit(folded_text, figures[0]) if len(figures) == 1 else None


def _with_unit(text: str, figure: re.Match[str]) -> Quantity | None:
    before, after = text[: figure.start()].strip(), text[figure.end() :].strip()
    signs = [mark for mark in before if mark in "+-\u2212"]
    before = before.strip("+-\u2212 ")
    first, _, rest = after.partition(" ")
    scale = _SCALES.get(first, 1)
    if scale != 1:
        after = rest.strip()
    told = _UNIT.match(after)
    of, size = _unit(told[0].replace(" ", "")) if told else ("", Fraction(1))
    if of and told is not None:
        after = after[told.end() :]
    elif before:
        of, size = _unit(before[-1])
        before = before[:-1] if of else before
    # `1e999` and `7b` are no numbers with a unit.
    glued = not of and text[figure.end() : figure.end() + 1].isalnum()
    if glued or len(signs) > 1 or _SIGNS & set(before + after):
        return None
    digits = f"-{figure[0]}" if signs and signs[0] != "+" else figure[0]
    return _of_digits(digits, scale, of, size)


def _unit(word: str) -> tuple[str, Fraction]:
    money = _MONEY.get(word)
    if money is not None:
        return money
    measure = unit_of(word)
    return ("", Fraction(1)) if measure is None else (measure[0], Fraction(repr(measure[1])))


def _of_digits(text: str, scale: int, of: str, size: Fraction) -> Quantity | None:
    if len(text) > _MAX_DIGITS:
        return None
    value = Decimal(text.replace(",", ""))
    exponent = value.as_tuple().exponent
    # A power of ten beyond these is no answer, and a fraction of it would fill the memory.
    if not isinstance(exponent, int) or not -_MAX_DIGITS <= exponent <= _MAX_DIGITS:
        return None
    place = Fraction(1, 10**-exponent) if exponent < 0 else Fraction(0)
    return _quantity(Fraction(value) * scale, place * scale, of, size)


def _equal(one: Quantity, other: Quantity) -> bool:
    if one.value == other.value:
        return True
    place = max(one.place, other.place)
    if one.whole or other.whole or abs(one.value) < 10 * place or abs(other.value) < 10 * place:
        return False
    return abs(one.value - other.value) <= place / 2
