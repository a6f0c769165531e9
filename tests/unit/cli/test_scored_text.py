"""What people read of scored results: numbers first, reasons together, on a narrow terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from plimsoll.cli.scored_text import print_scored
from plimsoll.cli.scores_table import scores_table
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Confidence, ConfidenceStatus, Estimate
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Score, Strength
from plimsoll.domain.scored import ScoredResult

BOUNDS = Interval(0.7, 0.9, 0.9, IntervalKind.BOOTSTRAP)


def strength(auroc: float) -> Strength:
    """Measured on fifty labels."""
    return Strength(auroc, BOUNDS, 50, "somewhere", TaskKind.OPEN_QA, "en")


MISSING = Absence(AbsenceReason.INPUT_MISSING, "no context")
SCORED = ScoredResult(
    key=ResultKey("acme", "r-1"),
    score_id="s",
    revision=0,
    input_digest="d",
    plan_version="p",
    scores=(
        Score("strong_metric", "1", 0.25, strength=strength(0.9)),
        Score("weak_metric", "1", 1.0, strength=strength(0.6)),
        Score("first_missing", "1", MISSING),
        Score("second_missing", "1", MISSING),
        Score("never_meant", "1", Absence(AbsenceReason.NOT_APPLICABLE, "no code")),
    ),
    confidence=Confidence(
        Estimate(0.75, Interval(0.5, 0.9, 0.9, IntervalKind.CREDIBLE)),
        ConfidenceStatus.PRIOR,
        "p",
        900,
    ),
)


def narrow() -> Console:
    """Eighty columns into memory."""
    return Console(file=StringIO(), width=80, color_system=None)


def printed(console: Console) -> str:
    """What was printed."""
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_metrics_without_a_number_are_told_by_their_reason() -> None:
    """Each reason once, with its metrics; those that widen the interval before the others."""
    console = narrow()
    print_scored(SCORED, console)
    text = printed(console)
    assert text.count("no context") == 1
    assert "first_missing, second_missing" in text
    assert "input_missing: 2 of 5 metrics" in text
    assert text.index("input_missing") < text.index("not_applicable: 1 of 5 metrics")
    assert text.index("strong_metric") < text.index("input_missing")


def test_a_row_fits_on_a_line() -> None:
    """How many have a value among those that apply, and the strongest of them."""
    console = narrow()
    console.print(scores_table([SCORED]))
    (row,) = [line for line in printed(console).splitlines() if "r-1" in line]
    assert "2/4" in row
    assert "strong_metric 0.25" in row
    assert "0.75 [0.50, 0.90]" in row
