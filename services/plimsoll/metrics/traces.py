"""What all metrics of reasoning traces share: their limit and their warning."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.reading import MAX_CHARS

# A trace need not be how the model came to its answer (Turpin et al., arXiv:2305.04388).
UNFAITHFUL = "trace_may_be_unfaithful"


def trace_chars(result: LlmResult) -> int:
    """Characters of trace and response."""
    return len(result.response.reasoning) + len(result.response.text)


def trace_too_large(result: LlmResult) -> Absence | None:
    """`input_too_large` where trace and response are more than a metric reads."""
    total = trace_chars(result)
    if total <= MAX_CHARS:
        return None
    return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{total} characters, {MAX_CHARS} allowed")


def lowered(text: str) -> str:
    """The text in lower case, character by character, so that offsets stay what they are."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join([mark.lower() if len(mark.lower()) == 1 else mark for mark in text])
