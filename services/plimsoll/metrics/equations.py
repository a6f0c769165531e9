"""Equations of arithmetic in running text, and whether they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

# Runs of what equations are made of; possessive, so each character is read once.
_RUN = re.compile(
    r"[0-9(.$\u20ac\u00a3+*/\u2212-]"
    r"[0-9 .,()$\u20ac\u00a3%+*/x\u00d7\u00b7\u22c5\u00f7^\u2212=\u2248-]*+"
)
_EQUAL_SIGNS = ("=", "\u2248", r"\approx")
_SIDES = re.compile(r"[=\u2248]+")
_TOKEN = re.compile(
    r" *+(?:([0-9]++(?:,[0-9]{3})*+(?:\.[0-9]++)?+|\.[0-9]++)(%?)"
    r"|([()+*/\u00d7\u00b7\u22c5\u00f7^\u2212-])|(?<=[0-9 )])(x)(?=[ ]?[0-9(]))"
)
_SIGNS = {"\u00d7": "*", "\u00b7": "*", "\u22c5": "*", "x": "*", "\u00f7": "/", "\u2212": "-"}
# Each is replaced by as many characters, so that offsets stay.
_LATEX = {
    r"\times": "*", r"\cdot": "*", r"\div": "/", r"\approx": "\u2248", r"\%": "%", r"\$": "$",
    r"\left(": "(", r"\right)": ")", r"\,": " ",
}  # fmt: skip
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_MAX_TOKENS = 60
_MAX_DIGITS = 30
_MAX_EXPONENT = 64
_MAX_BITS = 2_048
# What may stand in front of a minus sign that belongs to the first number.
_BEFORE_A_SIGN = frozenset(":=(,;\n<>")


@dataclass(frozen=True, slots=True)
class Equation:
    """Two sides with one sign between them: half-open offsets, and whether they are equal."""

    start: int
    end: int
    holds: bool


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    sign: str = ""
    value: Fraction = Fraction(0)
    # Of the last written decimal; 0 for a whole number.
    place: Fraction = Fraction(0)
    percent: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    start: int
    end: int
    values: tuple[Fraction, ...]
    place: Fraction
    operators: int


def equations(text: str) -> list[Equation]:
    """Equations with an operator on at least one side, in the order of the text.

    `a = b = c` is two. Numbers with `+ - * / ^`, brackets, percent and currency signs are read;
    what has letters in it is no arithmetic. A side may be off by less than one in its last written
    decimal; behind an approximate sign by a hundredth.
    """
    if not any(sign in text for sign in _EQUAL_SIGNS):
        return []
    plain = text
    for name, sign in _LATEX.items():
        plain = plain.replace(name, sign.ljust(len(name)))
    return [
        equation
        for run in _RUN.finditer(plain)
        if "=" in run[0] or "\u2248" in run[0]
        for equation in _of_run(plain, run.start(), run.end())
    ]


def _of_run(text: str, start: int, end: int) -> Iterator[Equation]:
    marks = list(_SIDES.finditer(text, start, end))
    edges = [start, *(mark.end() for mark in marks)], [*(mark.start() for mark in marks), end]
    before: _Side | None = None
    for index, (left, right) in enumerate(zip(*edges, strict=True)):
        side = _last(text, left, right) if index == 0 else _first(text, left, right)
        mark = marks[index - 1][0] if index else ""
        if before is not None and side is not None and mark in {"=", "\u2248"}:
            # Between two signs the whole side has to be read, not its beginning.
            whole = index == len(marks) or not text[side.end : right].strip(" $\u20ac\u00a3")
            if before.operators + side.operators:
                yield Equation(before.start, side.end, _equal(before, side, mark))
            before = side if whole else None
        else:
            before = side


def _equal(one: _Side, other: _Side, mark: str) -> bool:
    place = max(one.place, other.place)
    for a in one.values:
        for b in other.values:
            allowed = max(place, abs(b) / 100) if mark == "\u2248" else place
            if a == b or abs(a - b) < allowed:
                return True
    return False


def _first(text: str, start: int, end: int) -> _Side | None:
    """The longest expression that a piece begins with."""
    tokens = _tokens(text, start, end)
    while tokens:
        side = _evaluated(tokens)
        if side is not None:
            return side
        tokens.pop()
    return None


def _last(text: str, start: int, end: int) -> _Side | None:
    """The longest expression that a piece ends with, if no operator stands before it."""
    # Behind the mark of a list item or the end of a clause.
    start = max(start, text.rfind(". ", start, end) + 1, text.rfind(", ", start, end) + 1)
    tokens = _tokens(text, start, end)
    if not tokens or text[tokens[-1].end : end].strip(" $\u20ac\u00a3"):
        return None
    for index in range(len(tokens)):
        side = _evaluated(tokens[index:])
        if side is not None:
            joined = index and tokens[index - 1].sign not in {"", ")"}
            # `f(2)` and `x_2` are no numbers.
            named = side.start and (text[side.start - 1].isalnum() or text[side.start - 1] in "_{}")
            signed = index == 0 and tokens[0].sign == "-" and not _may_sign(text, start)
            return None if joined or named or signed else side
    return None


def _may_sign(text: str, start: int) -> bool:
    before = text[max(0, start - 8) : start].rstrip(" ")
    return not before or before[-1] in _BEFORE_A_SIGN


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    """Tokens up to the first character that is none; none where there are too many."""
    found: list[_Token] = []
    place = start
    while place < end:
        if text[place] in "$\u20ac\u00a3 ":
            place += 1
            continue
        match = _TOKEN.match(text, place, end)
        if match is None or len(match[1] or "") > _MAX_DIGITS:
            break
        found.append(_token(match))
        place = match.end()
    return found if len(found) <= _MAX_TOKENS else []


def _token(match: re.Match[str]) -> _Token:
    if not match[1]:
        sign = match[3] or match[4]
        return _Token(match.start(), match.end(), _SIGNS.get(sign, sign))
    digits = match[1].replace(",", "")
    decimals = len(digits.partition(".")[2])
    place = Fraction(1, 10**decimals) if decimals else Fraction(0)
    percent = match[2] == "%"
    return _Token(match.start(1), match.end(), "", Fraction(digits), place, percent)


def _evaluated(tokens: list[_Token]) -> _Side | None:
    """The value of all tokens; with a percent sign also that of the bare numbers."""
    if tokens[-1].sign not in {"", ")"}:
        return None
    percents = any(token.percent for token in tokens)
    values = [_value(tokens, percent=False)] + ([_value(tokens, percent=True)] if percents else [])
    known = tuple(value for value in values if value is not None)
    if len(known) != len(values):
        return None
    operators = sum(token.sign in _PRECEDENCE for token in tokens[1:])
    place = max(token.place for token in tokens) if operators == 0 else Fraction(0)
    return _Side(tokens[0].start, tokens[-1].end, known, place, operators)


def _value(tokens: list[_Token], *, percent: bool) -> Fraction | None:
    """Dijkstra's two stacks; None for what is no expression or has no value."""
    values: list[Fraction] = []
    signs: list[str] = []
    operand = True
    for token in tokens:
        if token.sign == "(" and operand:
            signs.append("(")
        elif token.sign == "-" and operand and (not signs or signs[-1] == "("):
            # A leading minus: nought minus what follows.
            values.append(Fraction(0))
            signs.append("-")
        elif not token.sign and operand:
            values.append(token.value / 100 if percent and token.percent else token.value)
            operand = False
        elif token.sign == ")" and not operand:
            if not _reduce(values, signs, 0) or not signs:
                return None
            signs.pop()
        elif token.sign in _PRECEDENCE and not operand:
            rank = _PRECEDENCE[token.sign] + (token.sign == "^")
            if not _reduce(values, signs, rank):
                return None
            signs.append(token.sign)
            operand = True
        else:
            return None
    if operand or not _reduce(values, signs, 0) or signs:
        return None
    return values[0]


def _reduce(values: list[Fraction], signs: list[str], rank: int) -> bool:
    """Applies operators of at least a rank, down to a bracket; False where one has no value."""
    while signs and signs[-1] != "(" and _PRECEDENCE[signs[-1]] >= rank:
        b, a = values.pop(), values.pop()
        result = _applied(signs.pop(), a, b)
        if result is None:
            return False
        values.append(result)
    return True


def _applied(sign: str, a: Fraction, b: Fraction) -> Fraction | None:
    if sign == "^":
        if b.denominator != 1 or not 0 <= b <= _MAX_EXPONENT:
            return None
        result = a ** int(b) if a.numerator.bit_length() * int(b) <= _MAX_BITS else None
    elif sign == "/":
        result = a / b if b else None
    else:
        result = a + b if sign == "+" else a - b if sign == "-" else a * b
    if (
        result is None
        or result.denominator.bit_length() + result.numerator.bit_length() > _MAX_BITS
    ):
        return None
    return result
