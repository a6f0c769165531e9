"""Where a result is: on its way, held back, in the dead letters, scored, or erased."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.identity import ResultKey


class Place(StrEnum):
    """Every place where a result can be; each is told from facts, not from another's absence."""

    SCORED = "scored"
    HELD_BACK = "held_back"
    DEAD_LETTER = "dead_letter"
    ERASED = "erased"
    NOT_CONSUMED = "not_consumed"
    IN_WORK = "in_work"
    NOT_INDEXED = "not_indexed"
    UNACCOUNTED = "unaccounted"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A place with the facts that tell it and what to do about it; `facts` are plain values."""

    key: ResultKey
    place: Place
    headline: str
    facts: dict[str, object]
    advice: str = ""

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "key": str(self.key),
            "place": self.place.value,
            "said": self.headline,
            "facts": self.facts,
            "advice": self.advice,
        }
