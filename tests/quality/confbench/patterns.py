"""What is missing: whether confidences stay calibrated without an input, and how they widen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.artefact import parse_artefact
from plimsoll.calibration.combine import Combination
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


@dataclass(frozen=True)
class Pattern:
    """Records that have an input, as they are and as if it had not been sent.

    Widths are of the interval on the logit scale: the mean with the input, and the least by which
    one grew without it.
    """

    missing: str
    n: int
    with_input: Reliability
    without_input: Reliability
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
        rows = np.flatnonzero(
            bench.judged
            & (np.isnan(without.values) & ~np.isnan(bench.table.values)).any(axis=1)
            & without.measurable
        )
        labels = bench.table.labels[rows]
        if len(rows) < 50 or not 0.0 < labels.mean() < 1.0:
            continue
        missing = crossed(without, crossed_logits.fits)[rows]
        widths = _widths(bench, crossed_logits, rows, name)
        found.append(
            Pattern(
                missing=name,
                n=len(rows),
                with_input=reliability(labels, crossed_logits.points[rows]),
                without_input=reliability(labels, _sigmoid(missing)),
                width=float(widths[:, 0].mean()),
                least_growth=float((widths[:, 1] - widths[:, 0]).min()),
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
