"""Enumerations of the protobuf contract and of the domain, by number."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.claims import ClaimGuarantee
from plimsoll.domain.confidence import ConfidenceStatus, Verdict
from plimsoll.domain.feedback import FeedbackSource
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.result import LogprobOrigin, SampledBy, TaskKind
from plimsoll.domain.score import IntervalKind
from plimsoll.domain.sealing import EvidenceState

Member = TypeVar("Member", bound=StrEnum)


class Numbered(dict[int, Member]):
    """One enumeration; the domain lists its members in the order of the contract's numbers."""

    __slots__ = ("_unspecified", "numbers")

    def __init__(self, members: type[Member]) -> None:
        super().__init__(enumerate(members))
        self._unspecified = self[0]
        self.numbers: Mapping[Member, int] = {m: n for n, m in self.items()}

    def __missing__(self, number: int) -> Member:
        """What a newer writer added reads as the first member, UNSPECIFIED."""
        return self._unspecified


ABSENCE_REASON = Numbered(AbsenceReason)
CONFIDENCE_STATUS = Numbered(ConfidenceStatus)
VERDICT = Numbered(Verdict)
FEEDBACK_SOURCE = Numbered(FeedbackSource)
LOGPROB_ORIGIN = Numbered(LogprobOrigin)
SAMPLED_BY = Numbered(SampledBy)
TASK_KIND = Numbered(TaskKind)
INTERVAL_KIND = Numbered(IntervalKind)
CLAIM_GUARANTEE = Numbered(ClaimGuarantee)
EVIDENCE_STATE = Numbered(EvidenceState)
CERTIFICATE_STATE = Numbered(CertificateState)
