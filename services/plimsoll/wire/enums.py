"""Enumerations of the protobuf contract and of the domain, by number."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.confidence import ConfidenceStatus, Verdict
from plimsoll.domain.feedback import FeedbackSource
from plimsoll.domain.result import LogprobOrigin, SampledBy, TaskKind
from plimsoll.domain.score import IntervalKind

Member = TypeVar("Member", bound=StrEnum)


class Numbered(Generic[Member]):
    """One enumeration; the domain lists its members in the order of the contract's numbers."""

    __slots__ = ("_members", "numbers")

    def __init__(self, members: type[Member]) -> None:
        self._members = tuple(members)
        self.numbers: Mapping[Member, int] = {m: n for n, m in enumerate(self._members)}

    def __getitem__(self, number: int) -> Member:
        """The member of that number; what a newer writer added reads as the first, UNSPECIFIED."""
        members = self._members
        return members[number] if 0 <= number < len(members) else members[0]


ABSENCE_REASON = Numbered(AbsenceReason)
CONFIDENCE_STATUS = Numbered(ConfidenceStatus)
VERDICT = Numbered(Verdict)
FEEDBACK_SOURCE = Numbered(FeedbackSource)
LOGPROB_ORIGIN = Numbered(LogprobOrigin)
SAMPLED_BY = Numbered(SampledBy)
TASK_KIND = Numbered(TaskKind)
INTERVAL_KIND = Numbered(IntervalKind)
