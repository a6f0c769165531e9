"""What somebody says of a result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plimsoll.domain.identity import ResultKey


class FeedbackSource(StrEnum):
    """Who says so."""

    UNSPECIFIED = "unspecified"
    HUMAN = "human"
    EXECUTION = "execution"
    DOWNSTREAM = "downstream"
    LLM = "llm"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A label for one result: right or wrong (bool), or a grade in [0, 1] (float)."""

    feedback_id: str
    key: ResultKey
    label: bool | float
    source: FeedbackSource
    rater: str = ""
    create_time: datetime | None = None
    supersedes: str = ""
    retracted: bool = False
    comment: str = ""
