"""One scored result as people read it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from plimsoll.cli.rendering import interval_text, plain
from plimsoll.cli.terminal import table
from plimsoll.domain.score import Score, Strength
from plimsoll.domain.scored import ScoredResult

_DETAIL_CHARS = 120


def print_scored(scored: ScoredResult, console: Console) -> None:
    """The confidence first, then every metric: its number, or why there is none."""
    for line in _heading(scored):
        console.print(line, markup=False)
    rows = table("metric", "value>", "or why not", "AUROC on labels")
    for score in scored.scores:
        absence = score.absence
        why = "" if absence is None else f"{absence.reason.value}: {absence.detail}".rstrip(": ")
        value = "" if score.value is None else f"{score.value:.3f}"
        rows.add_row(score.metric, value, plain(why, _DETAIL_CHARS), _strength(score))
    console.print(rows)


def _heading(scored: ScoredResult) -> Iterator[str]:
    confidence = scored.confidence
    yield f"{scored.key}  confidence {interval_text(confidence)}"
    level = f", level {confidence.estimate.interval.level:g}" if confidence.estimate else ""
    yield (
        f"status {confidence.status.value} ({confidence.calibration_id}, {confidence.labels} "
        f"labels{level})"
    )
    if confidence.weakest_metric:
        yield f"weakest part {confidence.weakest_metric}"
    if scored.decision is not None:
        decision = scored.decision
        yield f"verdict {decision.verdict.value} by {decision.policy}: {decision.condition}"
    if not scored.complete:
        yield "not complete: some metrics were held back; a later revision replaces this one"
    yield f"score {scored.score_id}, revision {scored.revision}, {scored.task_kind.value}"


def _strength(score: Score) -> str:
    strength = score.strength
    if isinstance(strength, Strength):
        bounds = f"[{strength.interval.lower:.2f}, {strength.interval.upper:.2f}]"
        return f"{strength.auroc:.2f} {bounds}, {strength.labels} labels"
    return f"unmeasured: {strength.why}"
