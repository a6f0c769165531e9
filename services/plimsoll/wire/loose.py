"""Reads what client libraries answer: dictionaries and objects alike, whatever is not there."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

_MAX_INTEGER = 2**63


def field(source: object, name: str) -> object:
    """The entry or attribute of that name; None where there is none."""
    if isinstance(source, Mapping):
        return source.get(name)
    return getattr(source, name, None)


def text(source: object, name: str) -> str:
    """A text; '' where it is none."""
    value = field(source, name)
    return value if isinstance(value, str) else ""


def items(source: object, name: str) -> Sequence[object]:
    """A list; empty where it is none."""
    value = field(source, name)
    return value if isinstance(value, list | tuple) else ()


def number(source: object, name: str) -> float | None:
    """A finite number; None where it is none, as a library's own mark for "not given"."""
    value = field(source, name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def integer(source: object, name: str) -> int | None:
    """A whole number of 64 bits; None where it is none."""
    value = number(source, name)
    if value is None or value != int(value) or not -_MAX_INTEGER <= value < _MAX_INTEGER:
        return None
    exact = field(source, name)
    return exact if isinstance(exact, int) else int(value)


def written(value: object) -> str:
    """As JSON, in the order that it has."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    """What a library's object holds; its text where it does not say."""
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump()
    held = getattr(value, "__dict__", None)
    return held if isinstance(held, dict) and held else str(value)
