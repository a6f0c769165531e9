"""Values as people read them; text of results is never trusted."""

from __future__ import annotations

import math
from decimal import Decimal

from plimsoll.domain.confidence import Confidence, Estimate, Promise
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.scored import ScoredResult

_DETAIL_CHARS = 200
_NOW = {
    CertificateState.STANDING: "which stands",
    CertificateState.REVOKED: "TAKEN BACK since",
    CertificateState.LAPSED: "lapsed since: no labels watch it",
    CertificateState.UNKNOWN: "unknown whether that still stands",
    CertificateState.UNWATCHED: "which no label has watched yet",
}


def plain(text: str, most_chars: int) -> str:
    """One line without control characters, cut to a length."""
    line = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return line if len(line) <= most_chars else f"{line[: most_chars - 1]}…"


def interval_text(confidence: Confidence) -> str:
    """`0.71 [0.40, 0.92]`, or the absence."""
    outcome = confidence.estimate
    return f"none: {_absence(confidence)}" if outcome is None else estimate_text(outcome)


def estimate_text(estimate: Estimate) -> str:
    """`0.71 [0.40, 0.92]`."""
    interval = estimate.interval
    return f"{estimate.point:.2f} [{interval.lower:.2f}, {interval.upper:.2f}]"


def promise_text(promise: Promise, state: CertificateState | None) -> str:
    """What was promised when the result was scored, and how that stands now, where it is known."""
    said = f"promised that at most {promise.error_rate:g} of such results are wrong"
    return f"{said}{stands_text(state)} ({promise.certificate})"


def stands_text(state: CertificateState | None) -> str:
    """`, which stands`, or whatever became of a certificate; '' where nobody was asked."""
    return "" if state is None else f", {_NOW.get(state, state.value)}"


def weakest_text(scored: ScoredResult) -> str:
    """The metric that costs the confidence most, and that it is its absence that does; or ''."""
    weakest = scored.confidence.weakest_metric
    absent = any(one.metric == weakest and one.absence is not None for one in scored.scores)
    return f"{weakest} (absent)" if absent else weakest


def price_text(usd: float) -> str:
    """A price in US dollars to six digits, without an exponent: `0.00006`."""
    return format(Decimal(f"{usd:.6g}"), "f")


def bound_text(usd: float) -> str:
    """What is spent at most in US dollars, rounded up, so that what costs a little is not 0."""
    return f"{math.ceil(usd * 10_000) / 10_000:,.4f}"


def _absence(confidence: Confidence) -> str:
    outcome = confidence.outcome
    reason = getattr(outcome, "reason", None)
    detail = plain(getattr(outcome, "detail", ""), _DETAIL_CHARS)
    return f"{reason.value if reason else 'unspecified'}{f' ({detail})' if detail else ''}"
