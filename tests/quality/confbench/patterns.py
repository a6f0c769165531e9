"""What is missing: whether confidences stay calibrated without an input, and how they widen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.artefact import parse_artefact
from plimsoll.calibration.combine import Combination
from plimsoll.calibration.statistics import ece
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from tests.quality.artefacts import artefact_text
from tests.quality.choosing import OUTER, crossed, folds
from tests.quality.confbench.bench import Bench, Crossed
from tests.quality.confbench.figures import Reliability, reliability
from tests.quality.fitting import Table
from tests.quality.tables import INPUTS

Floats = NDArray[np.float64]
# Widths are read off real confidences; so many records of each pattern say enough of them.
_WIDTHS = 200
_LEAST = 50


@dataclass(frozen=True)
class Pattern:
    """All records that are measurable without an input: as they are, and as if none had been sent.

    `touched` of them had it; `touched_ece` is of these alone, which are few sets with base rates
    of their own. Widths of theirs are of the interval on the logit scale: the mean
    with the input, and the least by which one grew without it.
    """

    missing: str
    n: int
    touched: int
    with_input: Reliability
    without_input: Reliability
    touched_ece: float
    width: float
    least_growth: float

    @property
    def holds(self) -> bool:
        """Whether it stays calibrated and every interval grew."""
        return self.without_input.calibrated and self.least_growth > 0.0


def missing_inputs(bench: Bench, crossed_logits: Crossed) -> list[Pattern]:
    """One pattern an input, on the records that still have something measured without it."""
    found = []
    for name in INPUTS:
        without = bench.table.without(name)
        changed = (np.isnan(without.values) & ~np.isnan(bench.table.values)).any(axis=1)
        rows = np.flatnonzero(bench.judged & without.measurable)
        touched = np.flatnonzero(bench.judged & without.measurable & changed)
        if len(touched) < _LEAST:
            continue
        labels = bench.table.labels[rows]
        missing = _sigmoid(crossed(without, crossed_logits.fits))
        widths = _widths(bench, crossed_logits, touched, name)
        found.append(
            Pattern(
                missing=name,
                n=len(rows),
                touched=len(touched),
                with_input=reliability(labels, crossed_logits.points[rows]),
                without_input=reliability(labels, missing[rows]),
                touched_ece=ece(bench.table.labels[touched], missing[touched]),
                width=float(np.nanmean(widths[:, 0])),
                least_growth=float(np.nanmin(widths[:, 1] - widths[:, 0])),
            )
        )
    return found


def _widths(bench: Bench, crossed_logits: Crossed, rows: NDArray[np.intp], name: str) -> Floats:
    """Widths with and without an input of every few rows, by the combination as it runs."""
    table, without = bench.table, bench.table.without(name)
    fold = folds(table.groups, OUTER)
    widths = []
    for number, found in enumerate(crossed_logits.fits):
        combination = Combination(parse_artefact(artefact_text(found, table.rows(bench.judged))))
        mine = rows[fold[rows] == number]
        for row in mine[:: max(1, len(mine) * OUTER // _WIDTHS)].tolist():
            result = bench.items[row].result
            widths.append([_width(combination, t, row, result) for t in (table, without)])
    return np.array(widths)


def _width(combination: Combination, table: Table, row: int, result: LlmResult) -> float:
    scores = [
        Score(metric, "1", Absence(AbsenceReason.INPUT_MISSING) if np.isnan(value) else value)
        for metric, value in zip(table.metrics, table.values[row].tolist(), strict=True)
    ]
    estimate = combination.combine(scores, result).estimate
    if estimate is None:
        return float("nan")
    ends = np.array([estimate.interval.lower, estimate.interval.upper])
    return float(np.diff(np.log(ends) - np.log1p(-ends))[0])


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(logits / 2))
