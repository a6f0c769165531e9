"""One metric's outcome: a value or a typed absence, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.absence import Absence
from plimsoll.domain.claims import ClaimFilter
from plimsoll.domain.quick import quick
from plimsoll.domain.result import Pairs, TaskKind


class IntervalKind(StrEnum):
    """What an interval claims."""

    UNSPECIFIED = "unspecified"
    CREDIBLE = "credible"
    CONFORMAL = "conformal"
    BOOTSTRAP = "bootstrap"
    FRECHET = "frechet"


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval on [0, 1] at a level such as 0.9."""

    lower: float
    upper: float
    level: float
    kind: IntervalKind


@dataclass(frozen=True, slots=True)
class Strength:
    """How well a metric told right from wrong on labelled data of one task and language.

    `model` is the one that the metric used, as its provenance names it; empty where it uses none.
    """

    auroc: float
    interval: Interval
    labels: int
    dataset: str
    task_kind: TaskKind
    language: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Nobody has measured the metric for this task and language; `why` says what is missing."""

    why: str


NO_STRENGTH = Unmeasured("no labelled data")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a score rests on; offsets are half-open, in code points of the referred text."""

    kind: str
    ref: str = ""
    start: int | None = None
    end: int | None = None
    text: str = ""


# A result may have dozens: this makes them at a third of the cost.
evidence = quick(Evidence)


@dataclass(frozen=True, slots=True)
class Score:
    """One metric's outcome; `outcome` is a value in [0, 1], higher is better, or an absence."""

    metric: str
    version: str
    outcome: float | Absence
    raw_value: float | None = None
    interval: Interval | None = None
    uncertainty: float | None = None
    strength: Strength | Unmeasured = NO_STRENGTH
    evidence: tuple[Evidence, ...] = ()
    provenance_hash: str = ""
    provenance: Pairs = ()
    flags: tuple[str, ...] = ()
    claim_filter: ClaimFilter | None = None

    @property
    def value(self) -> float | None:
        """The value in [0, 1], or None where there is an absence."""
        return None if isinstance(self.outcome, Absence) else self.outcome

    @property
    def absence(self) -> Absence | None:
        """The absence, or None where there is a value."""
        return self.outcome if isinstance(self.outcome, Absence) else None
