"""Scored results as a table: what was measured, what could not be and why, the confidence."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from plimsoll.cli.rendering import interval_text
from plimsoll.cli.terminal import table
from plimsoll.domain.scored import ScoredResult


def scores_table(results: Sequence[ScoredResult]) -> Table:
    """One row a result; metrics by their initials, which `legend` spells out."""
    rows = table("result", "measured", "could not be measured", "confidence [interval]")
    for scored in results:
        rows.add_row(
            scored.key.result_id,
            _measured(scored),
            _absent(scored),
            interval_text(scored.confidence),
        )
    return rows


def legend(results: Sequence[ScoredResult]) -> str:
    """The initials in full."""
    names = dict.fromkeys(score.metric for scored in results for score in scored.scores)
    return ", ".join(f"{initials(name)} {name}" for name in names)


def initials(metric: str) -> str:
    """`sequence_probability` is SP."""
    return "".join(word[0].upper() for word in metric.split("_") if word)


def _measured(scored: ScoredResult) -> str:
    return " ".join(
        f"{initials(s.metric)} {s.value:.2f}" for s in scored.scores if s.value is not None
    )


def _absent(scored: ScoredResult) -> str:
    """Metrics by reason; what does not apply is left to `plimsoll get`."""
    by_reason: dict[str, list[str]] = {}
    for score in scored.scores:
        if score.absence is not None and score.absence.reason.widens:
            by_reason.setdefault(score.absence.reason.value, []).append(initials(score.metric))
    return "; ".join(f"{' '.join(names)}: {reason}" for reason, names in by_reason.items()) or "-"
