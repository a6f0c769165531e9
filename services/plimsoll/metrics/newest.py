"""What was made last, kept for whoever asks for the same again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Newest(Generic[K, V]):
    """The newest value by its key's identity, so that metrics in a row share what they rest on.

    Holding the key itself keeps its identity from being given to another; the pair is swapped
    in one assignment, so threads see an old pair or a new one.
    """

    __slots__ = ("_make", "_pair")

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._pair: tuple[K, V] | None = None

    def of(self, key: K) -> V:
        """The value that was made of this very key, or a new one."""
        pair = self._pair
        if pair is not None and pair[0] is key:
            return pair[1]
        value = self._make(key)
        self._pair = (key, value)
        return value
