"""What somebody says of a result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plimsoll.domain.claims import ClaimGroup, ClaimPromise
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import TaskKind


class FeedbackSource(StrEnum):
    """Who says so."""

    UNSPECIFIED = "unspecified"
    HUMAN = "human"
    EXECUTION = "execution"
    DOWNSTREAM = "downstream"
    LLM = "llm"


@dataclass(frozen=True, slots=True)
class Seen:
    """The result's visible score when the label was sent; points lie in [0, 1].

    `point` is the one before anything was learned, `shown` the one that look-ups gave.
    """

    score_id: str
    revision: int
    task_kind: TaskKind
    basis: str
    point: float
    shown: float
    calibration_id: str
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class ClaimLabel:
    """Whether a claim is true; half-open offsets in code points of the response, as in Claim."""

    start: int
    end: int
    correct: bool


@dataclass(frozen=True, slots=True)
class SeenClaim:
    """A claim as the visible score showed it."""

    start: int
    end: int
    kept: bool


@dataclass(frozen=True, slots=True)
class SeenClaims:
    """What the visible score promised of all claims of the response when the label was sent."""

    score_id: str
    revision: int
    filter_id: str
    group: ClaimGroup
    promise: ClaimPromise
    claims: tuple[SeenClaim, ...]

    def unlabelled(self, labels: tuple[ClaimLabel, ...]) -> tuple[SeenClaim, ...]:
        """Claims that are kept and have no label."""
        known = {(label.start, label.end) for label in labels}
        return tuple(c for c in self.claims if c.kept and (c.start, c.end) not in known)


@dataclass(frozen=True, slots=True)
class Sight:
    """What labels of a result are about; None where one teaches nothing."""

    result: Seen | None = None
    claims: SeenClaims | None = None


NOTHING_SEEN = Sight()


@dataclass(frozen=True, slots=True)
class Feedback:
    """A label for one result: right or wrong (bool), or a grade in [0, 1] (float).

    `claims` are labels of its single claims, beside it or instead of it (None); empty where they
    were looked at and none is kept. `audit` says that the result was drawn without regard to
    whether it is right.
    """

    feedback_id: str
    key: ResultKey
    label: bool | float | None
    source: FeedbackSource
    rater: str = ""
    create_time: datetime | None = None
    supersedes: str = ""
    retracted: bool = False
    comment: str = ""
    audit: bool = False
    seen: Seen | None = None
    claims: tuple[ClaimLabel, ...] | None = None
    seen_claims: SeenClaims | None = None
