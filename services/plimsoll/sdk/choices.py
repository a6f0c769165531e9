"""Words that callers may write for the members of an enumeration."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)


def chosen(kind: type[E], given: E | str, name: str) -> E:
    """The member; ValueError names the argument and the words it takes."""
    try:
        return kind(given)
    except ValueError:
        words = ", ".join(repr(str(member)) for member in kind)
        raise ValueError(f"{name} is {given!r}; it is one of {words}") from None
