"""Figures of trust as people and machines read them."""

from __future__ import annotations

from rich.console import Console

from plimsoll.cli.terminal import table
from plimsoll.cli.trust import Trust
from plimsoll.domain.score import Interval

_NOTHING_MEASURED = (
    "none of them has a confidence, so there is nothing to hold against the labels: add "
    "log-probabilities, alternatives, a context, or what the answer must look like"
)

# A percentile bootstrap redraws what was labelled, and cannot draw a mistake that is not there.
_NO_WIDTH = (
    "an interval without width is no certainty: it redraws these labels, and none of them speaks "
    "against the figure; others may"
)


def print_trust(trust: Trust, console: Console) -> None:
    """AUROC beside the length baseline, reliability, and what keeping the best would do."""
    console.print(f"{trust.results} labelled, {trust.wrong} of them wrong", markup=False)
    if trust.without_confidence == trust.results:
        console.print(_NOTHING_MEASURED, markup=False)
        return
    if trust.auroc is None:
        console.print("all are right or all are wrong: nothing can be told apart", markup=False)
    else:
        console.print(
            f"AUROC {trust.auroc:.3f}{_bounds(trust.auroc_interval)}; by length alone "
            f"{trust.auroc_length:.3f}",
            style="bold",
            markup=False,
        )
    rows = table("confidence", "results>", "claimed>", "right>")
    for one in trust.bins:
        span = f"{one.lower:.1f} to {one.upper:.1f}"
        rows.add_row(span, str(one.results), f"{one.claimed:.2f}", f"{one.right:.2f}")
    console.print(rows)
    if trust.ece is not None:
        console.print(
            f"calibration error (ECE) {trust.ece:.3f}; chance alone makes {trust.null_ece:.3f} of "
            "it at this size",
            markup=False,
        )
    for kept in trust.kept:
        console.print(
            f"keep the top {kept.share:.0%} by lower bound: errors {trust.errors:.1%} -> "
            f"{kept.errors:.1%}{_shares(kept.interval)}",
            markup=False,
        )
    bounds = (trust.auroc_interval, *(kept.interval for kept in trust.kept))
    if any(one is not None and one.lower == one.upper for one in bounds):
        console.print(_NO_WIDTH, markup=False)
    if trust.without_confidence:
        console.print(
            f"{trust.without_confidence} without a confidence rank below all others", markup=False
        )


def trust_json(trust: Trust) -> dict[str, object]:
    """The same figures; a figure that cannot be had is null."""
    return {
        "labelled": trust.results,
        "wrong": trust.wrong,
        "without_confidence": trust.without_confidence,
        "auroc": trust.auroc,
        "auroc_interval": _interval(trust.auroc_interval),
        "auroc_length": trust.auroc_length,
        "ece": trust.ece,
        "null_ece": trust.null_ece,
        "reliability": [
            {
                "lower": one.lower,
                "upper": one.upper,
                "results": one.results,
                "claimed": one.claimed,
                "right": one.right,
            }
            for one in trust.bins
        ],
        "errors": trust.errors,
        "errors_kept": [
            {"share": one.share, "errors": one.errors, "interval": _interval(one.interval)}
            for one in trust.kept
        ],
    }


def _bounds(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f" [{interval.lower:.3f}, {interval.upper:.3f}]"


def _shares(interval: Interval | None) -> str:
    return f" [{interval.lower:.1%}, {interval.upper:.1%}]" if interval is not None else ""


def _interval(interval: Interval | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {"lower": interval.lower, "upper": interval.upper, "level": interval.level}
