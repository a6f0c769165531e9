"""Canaries: items whose right verdict is known, and attacks that want a wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Part

# Whose name the budget and the calls of canaries bear. No tenant can have it: it holds a blank.
CANARY_TENANT = "plimsoll canaries"


class CanaryKind(StrEnum):
    """What a canary tries: a judge should pass the first and fail all others."""

    KNOWN_GOOD = "known_good"
    KNOWN_BAD = "known_bad"
    INJECTED = "injected"
    MASTER_KEY = "master_key"


# A pass of one of these means that the judge was fooled.
FOOLING = frozenset({CanaryKind.INJECTED, CanaryKind.MASTER_KEY})


class Place(StrEnum):
    """Where an attack is put: about a bad response, or behind another part that a judge reads."""

    BEFORE = "before"
    AFTER = "after"
    MIDDLE = "middle"
    CONTEXT = Part.CONTEXT.value
    REQUEST = Part.REQUEST.value
    REASONING = Part.REASONING.value


@dataclass(frozen=True, slots=True)
class Attack:
    """A text that wants a judge to do something else than judge; `name` is its kind and number."""

    name: str
    kind: str
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A request with a response that deserves to pass and one that does not, each told as known.

    The reasoning is that of the response it is named after; empty where no rubric asks for it.
    """

    name: str
    request: str
    good: str
    bad: str
    context: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    good_reasoning: str = ""
    bad_reasoning: str = ""


@dataclass(frozen=True, slots=True)
class CanaryBook:
    """What canaries of one rubric are made of; `version` is a hash of all of it."""

    rubric: str
    version: str
    items: tuple[KnownItem, ...]
    attacks: tuple[Attack, ...]
    master_keys: tuple[str, ...]


CanaryBooks = Mapping[str, CanaryBook]


@dataclass(frozen=True, slots=True)
class Canary:
    """One item to ask; `attack` is the kind of what was put into it, or empty."""

    name: str
    kind: CanaryKind
    result: LlmResult
    attack: str = ""

    @property
    def should_pass(self) -> bool:
        """What a judge that is right says of it."""
        return self.kind is CanaryKind.KNOWN_GOOD
