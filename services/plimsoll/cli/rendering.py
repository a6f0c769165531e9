"""Values as people read them; text of results is never trusted."""

from __future__ import annotations

from plimsoll.domain.confidence import Confidence


def plain(text: str, most_chars: int) -> str:
    """One line without control characters, cut to a length."""
    line = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return line if len(line) <= most_chars else f"{line[: most_chars - 1]}…"


def interval_text(confidence: Confidence) -> str:
    """`0.71 [0.40, 0.92]`, or the absence."""
    outcome = confidence.estimate
    if outcome is not None:
        return f"{outcome.point:.2f} [{outcome.interval.lower:.2f}, {outcome.interval.upper:.2f}]"
    return f"none: {_absence(confidence)}"


def _absence(confidence: Confidence) -> str:
    outcome = confidence.outcome
    reason = getattr(outcome, "reason", None)
    detail = getattr(outcome, "detail", "")
    return f"{reason.value if reason else 'unspecified'}{f' ({detail})' if detail else ''}"
