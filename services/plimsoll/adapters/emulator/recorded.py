"""Real judgements of real judges on LLMBar's pairs, to be repeated where a pair is asked about."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson

# Ratings of single answers were given on this scale.
_HIGHEST_RATING = 9.0


@dataclass(frozen=True, slots=True)
class Hint:
    """What the verdict has to say: which of two is better (1 or 2), or how good one is, in [0, 1].

    `by` names the judge that said so.
    """

    by: str
    winner: int = 0
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two responses to one instruction; `better` is what people say (1 or 2).

    `judges` has the verdicts with the responses in this order and in the other, both in the
    numbers of this order; `ratings` those of each response by itself.
    """

    id: str
    prompt: str
    first: str
    second: str
    better: int
    judges: Mapping[str, tuple[int, int]]
    ratings: Mapping[str, tuple[float, float]]


@cache
def recorded_pairs() -> tuple[Pair, ...]:
    """The pairs that ship."""
    packed = (files("plimsoll.adapters.emulator") / "judgements.jsonl.gz").read_bytes()
    with gzip.open(io.BytesIO(packed)) as lines:
        return tuple(_pair(orjson.loads(line)) for line in lines)


def hint_for(asked: str, judge: str) -> Hint | None:
    """What that judge said of what is asked about, or None where nothing was recorded."""
    for pair in recorded_pairs():
        first, second = asked.find(pair.first), asked.find(pair.second)
        if pair.prompt not in asked or (first < 0 and second < 0):
            continue
        if first >= 0 and second >= 0:
            return _of_two(pair, judge, swapped=second < first)
        return _of_one(pair, judge, 0 if first >= 0 else 1)
    return None


def _of_two(pair: Pair, judge: str, *, swapped: bool) -> Hint | None:
    said = pair.judges.get(judge)
    if said is None or said[swapped] not in {1, 2}:
        return None
    # In the numbers of what was asked: the one that stands first is 1.
    winner = 3 - said[1] if swapped else said[0]
    return Hint(judge, winner=winner)


def _of_one(pair: Pair, judge: str, which: int) -> Hint | None:
    """A judge that compares has a sibling that rates."""
    family = judge.partition("/")[0]
    rated = pair.ratings.get(f"{family}/Rating")
    return None if rated is None else Hint(f"{family}/Rating", rating=rated[which])


def _pair(row: Mapping[str, object]) -> Pair:
    judges = row["judges"]
    ratings = row["ratings"]
    if not isinstance(judges, dict) or not isinstance(ratings, dict):
        raise TypeError("judgements.jsonl.gz is not what it should be")
    return Pair(
        id=str(row["id"]),
        prompt=str(row["prompt"]),
        first=str(row["first"]),
        second=str(row["second"]),
        better=int(str(row["better"])),
        judges={name: (int(both[0]), int(both[1])) for name, both in judges.items()},
        ratings={
            name: (float(both[0]) / _HIGHEST_RATING, float(both[1]) / _HIGHEST_RATING)
            for name, both in ratings.items()
        },
    )
