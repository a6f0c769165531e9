"""What somebody says of a result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Feedback:
    """A label for one result: right or wrong (bool), or a grade in [0, 1] (float).

    `audit` says that the result was drawn without regard to whether it is right.
    """

    feedback_id: str
    key: ResultKey
    label: bool | float
    source: FeedbackSource
    rater: str = ""
    create_time: datetime | None = None
    supersedes: str = ""
    retracted: bool = False
    comment: str = ""
    audit: bool = False
    seen: Seen | None = None
