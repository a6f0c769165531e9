"""Typed absences: a number that is not there, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AbsenceReason(StrEnum):
    """The closed list of reasons; an unknown one of a newer writer reads as UNSPECIFIED."""

    UNSPECIFIED = "unspecified"
    NOT_REQUESTED = "not_requested"
    NOT_APPLICABLE = "not_applicable"
    NOT_NEEDED = "not_needed"
    NOT_CONFIGURED = "not_configured"
    INPUT_MISSING = "input_missing"
    INPUT_INVALID = "input_invalid"
    INPUT_TOO_LARGE = "input_too_large"
    INSUFFICIENT_SAMPLES = "insufficient_samples"
    ABSTAINED = "abstained"
    JUDGE_REFUSED = "judge_refused"
    JUDGE_UNINFORMATIVE = "judge_uninformative"
    PARSE_FAILED = "parse_failed"
    TRUNCATED = "truncated"
    CONTENT_FILTERED = "content_filtered"
    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    PROVIDER_ERROR = "provider_error"
    BUDGET_EXHAUSTED = "budget_exhausted"
    TOOLCHAIN_MISSING = "toolchain_missing"
    SANDBOX_DENIED = "sandbox_denied"
    INTERNAL_ERROR = "internal_error"

    @property
    def widens(self) -> bool:
        """Whether this absence makes the confidence's interval wider."""
        return self not in _NEUTRAL


_NEUTRAL = frozenset(
    {AbsenceReason.NOT_REQUESTED, AbsenceReason.NOT_APPLICABLE, AbsenceReason.NOT_NEEDED}
)


@dataclass(frozen=True, slots=True)
class Absence:
    """A number that is not there; `detail` says what was missing and never quotes the result."""

    reason: AbsenceReason
    detail: str = ""
