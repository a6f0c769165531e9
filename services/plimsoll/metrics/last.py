"""What was made of the newest thing, so that metrics in a row make it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Last(Generic[K, V]):
    """One pair of a thing and what was made of it; the thing is known by its identity.

    Holding the thing itself keeps its identity from being given to another; the pair is swapped
    in one assignment, so threads see an old pair or a new one.
    """

    __slots__ = ("_make", "_pair")

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._pair: tuple[K, V] | None = None

    def of(self, thing: K) -> V:
        """What is made of the thing, made anew where the newest was another."""
        pair = self._pair
        if pair is not None and pair[0] is thing:
            return pair[1]
        made = self._make(thing)
        self._pair = (thing, made)
        return made
