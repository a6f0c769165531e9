"""Guardrails around results: named conditions that give a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.confidence import Verdict


class Subject(StrEnum):
    """What a clause looks at; all but `score` are of the confidence.

    `promise` is the lowest error rate of which a certificate covers the result.
    """

    CONFIDENCE = "confidence"
    LOWER_BOUND = "lower_bound"
    UPPER_BOUND = "upper_bound"
    WIDTH = "width"
    PROMISE = "promise"
    SCORE = "score"


class Comparison(StrEnum):
    """How a clause compares."""

    AT_LEAST = ">="
    ABOVE = ">"
    AT_MOST = "<="
    BELOW = "<"
    ABSENT = "absent"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; `metric` names the score, `reasons` (any, where empty) go with `absent`.

    A number that is not there meets no comparison of numbers, in either direction.
    """

    subject: Subject
    comparison: Comparison
    threshold: float = 0.0
    metric: str = ""
    reasons: frozenset[AbsenceReason] = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """A verdict for results that meet every clause."""

    name: str
    clauses: tuple[Clause, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Policy:
    """Conditions in order; the first that is met decides, `otherwise` where none is."""

    name: str
    conditions: tuple[Condition, ...]
    otherwise: Verdict
