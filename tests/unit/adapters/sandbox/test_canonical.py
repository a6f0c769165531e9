"""Canonical forms of outputs: equal is equal, different is different, and nothing is endless."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass

import pytest

from plimsoll.adapters.sandbox.harness.canonical import EXACT, TooLargeError, digest
from plimsoll.adapters.sandbox.harness.python_programs import steady

ROOM = 10_000


@dataclass
class Point:
    """A value with fields."""

    x: int


class Opaque:
    """A value whose text holds its address."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (0.1 + 0.2, 0.3),
        ({1, 2, 3}, {3, 2, 1}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, OrderedDict(a=1)),
        ({"a": 1}, Counter("a")),
        (-0.0, 0),
        (iter([1, 2]), (n for n in (1, 2))),
        (range(3), deque([0, 1, 2])),
        (Opaque(), Opaque()),
        pytest.param(str(Opaque()), repr(Opaque()), id="addresses"),
    ],
)
def test_what_is_equal_is_written_alike(one: object, other: object) -> None:
    """Numbers by value, sets and mappings in any order, what is lazy by what it gives."""
    assert digest(one, ROOM) == digest(other, ROOM)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, "1"),
        ([1], (1,)),
        ("a", b"a"),
        ([1, 2], [2, 1]),
        (["a,b"], ["a", "b"]),
        ({1: 2}, {(1, 2)}),
        (float("nan"), None),
        (float("inf"), float("-inf")),
        (10**30, 10**30 + 1),
        (Point(1), Point(2)),
        (0.123456789, 0.1234567899),
    ],
)
def test_what_is_different_is_not(one: object, other: object) -> None:
    """Kinds, order in lists, and the first ten digits make a difference."""
    assert digest(one, ROOM) != digest(other, ROOM)


def test_all_digits_count_where_a_program_is_held_against_itself() -> None:
    """The exact digest tells numbers apart that the coarse one does not."""
    assert digest(0.1 + 0.2, ROOM, EXACT) != digest(0.3, ROOM, EXACT)


def test_what_is_too_large_is_refused() -> None:
    """Length, depth and number of parts are bounded, whatever the value."""
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    for value in ("x" * (ROOM + 1), deep, [0] * 30_000, 1 << (8 * ROOM)):
        with pytest.raises(TooLargeError):
            digest(value, ROOM)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import math\nfrom typing import List, Optional\ndef f(n): return math.sqrt(n)", True),
        ("import math, random", False),
        ("from datetime import date", False),
        ("def f(): return id(f)", False),
        ("def f(): return __builtins__", False),
        ("x = 1; import time", False),
        ("import math as m, \\\n  time", False),
    ],
)
def test_only_what_cannot_but_repeat_itself_is_asked_once(source: str, expected: bool) -> None:
    """Modules that know no time, chance or place are listed; anything else is in doubt."""
    assert steady(source) is expected
