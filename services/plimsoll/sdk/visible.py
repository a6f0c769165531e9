"""The visible rule on a stream: each key's highest revision, once."""

from __future__ import annotations

from collections import OrderedDict
from enum import StrEnum

from plimsoll.domain.identity import ResultKey


class Sight(StrEnum):
    """What an event is to a reader who has seen the stream so far."""

    VISIBLE = "visible"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    SUPERSEDED = "superseded"


class VisibleRule:
    """Remembers the visible score of the `capacity` keys seen last.

    Events must come in the order of their partition, as a key's events do on the scores topic.
    A key that was forgotten reads as new: the bound on memory costs a repeated delivery, at worst.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity is {capacity}; a rule remembers at least one key")
        self._capacity = capacity
        self._seen: OrderedDict[ResultKey, tuple[int, str]] = OrderedDict()

    def see(self, key: ResultKey, revision: int, score_id: str) -> Sight:
        """What this event is, and remembers it where it is visible."""
        before = self._seen.get(key)
        if before is not None:
            self._seen.move_to_end(key)
            if revision < before[0]:
                return Sight.SUPERSEDED
            if revision == before[0]:
                return Sight.DUPLICATE if score_id == before[1] else Sight.CONFLICT
        self._seen[key] = (revision, score_id)
        if len(self._seen) > self._capacity:
            self._seen.popitem(last=False)
        return Sight.VISIBLE

    def __len__(self) -> int:
        return len(self._seen)
