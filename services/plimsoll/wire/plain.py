"""Answers of client libraries as plain dictionaries, whichever way the client holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# Of text that names what was given: enough to find it, too little to leak it.
_SHOWN_CHARS = 60


def plain(given: object, what: str) -> Mapping[str, Any]:
    """A mapping, or an object of a client with `model_dump`; ValueError for anything else."""
    dump = getattr(given, "model_dump", None)
    value = dump() if callable(dump) else given
    if isinstance(value, Mapping):
        return value
    raise ValueError(
        f"{what} is {type(given).__name__}: give the client's object or its dictionary"
    )


def section(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part that is a mapping; empty where it is not there."""
    part = value.get(name)
    if part is None:
        return {}
    if not isinstance(part, Mapping):
        raise ValueError(f"{name} is {type(part).__name__}, not an object")
    return part


def entries(value: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    """A part that is a list of mappings; empty where it is not there."""
    part = value.get(name)
    if part is None:
        return ()
    if not isinstance(part, list | tuple) or not all(isinstance(p, Mapping) for p in part):
        raise ValueError(f"{name} is not a list of objects")
    return part


def text_of(value: Mapping[str, Any], name: str) -> str:
    """A text; '' where it is not there."""
    part = value.get(name)
    if part is None:
        return ""
    if not isinstance(part, str):
        raise ValueError(f"{name} is {type(part).__name__}, not text: {str(part)[:_SHOWN_CHARS]!r}")
    return part


def number_of(value: Mapping[str, Any], name: str) -> float | None:
    """A number; None where it is not there."""
    part = value.get(name)
    if part is None:
        return None
    if isinstance(part, bool) or not isinstance(part, int | float):
        raise ValueError(f"{name} is {type(part).__name__}, not a number")
    return float(part)


def count_of(value: Mapping[str, Any], name: str) -> int | None:
    """A whole number; None where it is not there."""
    number = number_of(value, name)
    return None if number is None else int(number)
