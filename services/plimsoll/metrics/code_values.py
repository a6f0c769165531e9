"""Values of a type, always the same ones: edges first, then some that a fixed seed draws."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import orjson

from plimsoll.metrics.code_scanning import bracketed
from plimsoll.metrics.code_types import ANY, FLOAT, INT, STR, Kind, list_of

Value = object

_INTS = (0, 1, 2, 3, 5, 10, -1, 7, 4, 12, -5, 15, 8, 20, 6, 25, 13, 31, 100, 1000)
_FLOATS = (0.5, 1.0, 2.5, -1.5, 0.0, 3.14, 10.0, 100.25, -0.1, 7.75)
_STRINGS = (
    "abc", "", "a", "Hello World", "racecar", "AbCdE", "12345", "This is a test.", "aabbcc", "xyz",
    "(()())", "a,b c", "10", "madam Adam", "ZZzz!", "one two three four", "1a2B3c", "aeiou",
)  # fmt: skip
_WORDS = ("apple", "bee", "Cat", "do", "", "apple", "zebra", "level", "x", "Echo")
_MAX_LITERALS = 12
# Kinds that a parameter of which nothing is known may have.
GUESSES = (INT, list_of(INT), STR, list_of(STR), FLOAT, list_of(list_of(INT)))


@dataclass(slots=True)
class Draw:
    """Numbers that look random and follow from a seed alone, in any process."""

    seed: str
    # How long the lists of one row of arguments are: the same, as many functions go by pairs.
    size: int = 3
    _next: count[int] = field(default_factory=count)

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit - 1."""
        text = f"{self.seed}|{next(self._next)}".encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") % limit


@dataclass(frozen=True, slots=True)
class Literals:
    """Values that stand in the request's own words, and say what it is about."""

    ints: tuple[int, ...] = ()
    strings: tuple[str, ...] = ()
    # Single characters that it quotes: what strings are made of, as in a string of brackets.
    letters: tuple[str, ...] = ()
    lists: tuple[list[Value], ...] = ()


def literals_of(text: str) -> Literals:
    """Whole numbers, quoted strings and lists in a text, each once, in their order."""
    ints = [int(found) for found in re.findall(r"(?<![\w.])-?\d{1,6}(?![\w.])", text)]
    quoted = re.findall(r"(?<!\w)\"([^\"\n]{0,60})\"|(?<!\w)'([^'\n]{0,60})'(?!\w)", text)
    lists = [made for found in bracketed(text) if isinstance(made := _read(found), list)]
    strings = tuple(dict.fromkeys(one or other for one, other in quoted))
    return Literals(
        tuple(dict.fromkeys(ints))[:_MAX_LITERALS],
        strings[:_MAX_LITERALS],
        tuple(string for string in strings if len(string) == 1)[:_MAX_LITERALS],
        tuple(lists[:_MAX_LITERALS]),
    )


def _read(text: str) -> Value:
    try:
        return orjson.loads(text.replace("'", '"'))
    except orjson.JSONDecodeError:
        return None


def value_of(kind: Kind, place: int, literals: Literals, draw: Draw) -> Value:
    """The value of a kind at a place in its row: what the request names, edges, then others."""
    if kind.name == "any":
        return value_of(GUESSES[place % len(GUESSES)], place // len(GUESSES), literals, draw)
    if kind.name == "list":
        return _list(kind, place, literals, draw)
    if kind.name == "tuple":
        parts = kind.parts or (INT, INT)
        return tuple(_element(part, literals, draw) for part in parts)
    if kind.name == "set":
        return {_element(_hashable(kind), literals, draw) for _ in range(draw.below(5))}
    if kind.name == "dict":
        return _dict(kind, place, literals, draw)
    return _scalar(kind.name, place, literals, draw)


def _scalar(name: str, place: int, literals: Literals, draw: Draw) -> Value:
    if name == "str":
        return _string(place, literals, draw)
    if name == "bytes":
        return str(_at(_STRINGS, place, draw)).encode()
    if name in ("bool", "none"):
        return None if name == "none" else place % 2 == 0
    if name == "float" or (name == "number" and place % 3 == 2):
        return _at(_FLOATS, place, draw)
    return _at((*literals.ints, *_INTS), place, draw)


def _string(place: int, literals: Literals, draw: Draw) -> Value:
    letters = literals.letters
    if len(letters) > 1 and place % 2:
        return "".join(letters[draw.below(len(letters))] for _ in range(1 + draw.below(8)))
    return _at((*literals.strings, *_STRINGS), place, draw)


def _at(row: Sequence[Value], place: int, draw: Draw) -> Value:
    return row[place] if place < len(row) else row[draw.below(len(row))]


def _list(kind: Kind, place: int, literals: Literals, draw: Draw) -> Value:
    part = kind.parts[0] if kind.parts else ANY
    named = [one for one in literals.lists if _fits(one, part)]
    if place < len(named):
        return named[place]
    place -= len(named)
    if part is ANY or part.name == "any":
        part = STR if place % 4 == 3 else INT
    if place == 0:
        return []
    if place == 1:
        return [_element(part, literals, draw)]
    size = draw.size
    made = [_element(part, literals, draw) for _ in range(size)]
    # Some in order and some with repeats, as many a function tells those apart.
    if place % 5 == 2 and part.name in ("int", "float", "str"):
        return sorted(made)  # type: ignore[type-var]  # of one kind
    return [*made, made[0]] if place % 5 == 3 else made


def _fits(values: list[Value], part: Kind) -> bool:
    wanted: dict[str, type | tuple[type, ...]] = {
        "int": int, "float": (int, float), "str": str, "list": list, "number": (int, float),
    }  # fmt: skip
    return part.name not in wanted or all(isinstance(v, wanted[part.name]) for v in values)


def _element(part: Kind, literals: Literals, draw: Draw) -> Value:
    if part.name == "int":
        return draw.below(20) - 4 if draw.below(4) else draw.below(200)
    if part.name in ("float", "number"):
        return (draw.below(400) - 100) / 10
    if part.name == "str":
        row = (*_WORDS, *literals.strings)
        return row[draw.below(len(row))]
    if part.name == "any":
        return draw.below(20) - 4
    return value_of(part, 2 + draw.below(6), literals, draw)


def _hashable(kind: Kind) -> Kind:
    part = kind.parts[0] if kind.parts else INT
    return part if part.name in ("int", "str", "float", "bool", "tuple") else INT


def _dict(kind: Kind, place: int, literals: Literals, draw: Draw) -> Value:
    key = _hashable(kind) if kind.parts else STR
    held = kind.parts[1] if len(kind.parts) > 1 else ANY
    size = 0 if place == 1 else 1 + draw.below(4)
    return {_element(key, literals, draw): _element(held, literals, draw) for _ in range(size)}
