"""Values of Python as canonical text: equal values give equal text in any process."""

from __future__ import annotations

import hashlib
import re
from typing import Any

_MAX_DEPTH = 40
_MAX_NODES = 20_000
MAX_ITEMS = 2_000
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_NUMBERS = (int, float, complex)
_TEXTS = (bytes, bytearray)
# What a subclass of one of these is, it is.
_BASES: tuple[type[Any], ...] = (str, int, float, list, tuple, set, frozenset)
_ROOM = "more than can be compared"


class TooLargeError(Exception):
    """A value has more parts than are looked at."""


# Digits of a float that are compared. The last ones depend on the order of operations, which says
# nothing of right or wrong; whether a program repeats itself is told by all of them.
COARSE, EXACT = 10, 17


def digest(value: object, max_bytes: int, digits: int = COARSE) -> str:
    """A digest of the canonical text; TooLargeError where that is longer than `max_bytes`."""
    text = _Writer(max_bytes, digits).text(value, 0).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]


class _Writer:
    """Writes one value, within bounds of depth, number of parts and bytes."""

    def __init__(self, max_bytes: int, digits: int) -> None:
        self._left = max_bytes
        self._digits = digits
        self._nodes = _MAX_NODES

    def text(self, value: object, depth: int) -> str:
        """Numbers that compare equal are written alike; sets and mappings are sorted."""
        self._nodes -= 1
        if depth > _MAX_DEPTH or self._nodes < 0:
            raise TooLargeError(_ROOM)
        kind = type(value)
        if value is None or kind is bool:
            return self._kept(f"{value}")
        if kind in _NUMBERS:
            return self._kept(_number(value, self._digits))
        if kind is str:
            # Where an object lies is in the text that it makes of itself, and says nothing.
            text = _ADDRESS.sub(" at", str(value))
            return self._kept(f"str{len(text)}:{text}")
        if kind in _TEXTS:
            return self._kept(f"{kind.__name__}{len(value)}:{value!r}")  # type: ignore[arg-type]  # has a length
        return self._parts(value, kind, depth)

    def _parts(self, value: object, kind: type, depth: int) -> str:
        if kind in (list, tuple):
            return self._sequence(kind.__name__, value, depth)
        if kind in (set, frozenset):
            return self._sorted("set", value, depth)
        if isinstance(value, dict):
            return self._sorted("dict", value.items(), depth)
        return self._other(value, depth)

    def _sequence(self, name: str, items: object, depth: int) -> str:
        inner = ",".join([self.text(item, depth + 1) for item in items])  # type: ignore[attr-defined]  # some iterable
        return f"{name}[{inner}]"

    def _sorted(self, name: str, items: object, depth: int) -> str:
        inner = sorted([self.text(item, depth + 1) for item in items])  # type: ignore[attr-defined]  # as above
        return f"{name}[{','.join(inner)}]"

    def _other(self, value: object, depth: int) -> str:
        name = type(value).__name__
        if hasattr(value, "__next__") or name in ("range", "dict_keys", "dict_values", "deque"):
            # What is written lazily is told by what it gives, as far as anyone will look.
            items = [item for item, _ in zip(value, range(MAX_ITEMS))]  # type: ignore[call-overload]  # noqa: B905 - runs under old interpreters too
            return self._sequence("iterator", items, depth)
        if hasattr(value, "tolist"):
            return self.text(value.tolist(), depth + 1)
        for base in _BASES:
            if isinstance(value, base):
                return self.text(base(value), depth)
        fields = getattr(value, "__dict__", None)
        if type(value).__repr__ is object.__repr__ and isinstance(fields, dict):
            return f"{name}{self._sorted('fields', fields.items(), depth)}"
        return self._kept(f"{name}:{_ADDRESS.sub(' at', repr(value))}")

    def _kept(self, text: str) -> str:
        self._left -= len(text)
        if self._left < 0:
            raise TooLargeError(_ROOM)
        return text


def _number(value: object, digits: int) -> str:
    if isinstance(value, int):
        # Hexadecimal, as it has no limit on digits and takes linear time.
        return f"n{value:x}"
    if isinstance(value, float):
        if value == value and abs(value) < 2**53 and value == int(value):  # noqa: PLR0124 - not NaN
            return f"n{int(value):x}"
        return f"f{value:.{digits}g}"
    return f"c{value:.{digits}g}"
