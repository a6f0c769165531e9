"""Scored results as a table: how much was measured, what told the most, the confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from plimsoll.cli.rendering import interval_text
from plimsoll.cli.terminal import table
from plimsoll.domain.score import Strength
from plimsoll.domain.scored import ScoredResult


def scores_table(results: Sequence[ScoredResult]) -> Table:
    """One row a result; `plimsoll get` lists all of its metrics.

    `values` are metrics with a value among those that apply; `strongest` is the one among them
    that has told right from wrong best on labelled data.
    """
    rows = table("result", "values>", "strongest", "confidence [interval]")
    for scored in results:
        confidence = interval_text(scored.confidence)
        rows.add_row(scored.key.result_id, _values(scored), _strongest(scored), confidence)
    return rows


def _values(scored: ScoredResult) -> str:
    found = Counter(
        score.value is not None
        for score in scored.scores
        if score.absence is None or score.absence.reason.widens
    )
    return f"{found[True]}/{found.total()}"


def _strongest(scored: ScoredResult) -> str:
    measured = [
        (strength.auroc, score.metric, score.value)
        for score in scored.scores
        if score.value is not None and isinstance(strength := score.strength, Strength)
    ]
    if not measured:
        return "-"
    _, metric, value = max(measured)
    return f"{metric} {value:.2f}"
