"""What panels make of recorded judgements, each pair judged by what the others taught."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.judges.judgement import judged
from plimsoll.calibration.judges.table import ReliabilityTable
from tests.quality.judgebench.recordings import FOLDS, TASK, Recording, folds, learned_from

Floats = NDArray[np.float64]
Asked = Sequence[tuple[str, str]]


def probabilities(table: ReliabilityTable, items: Sequence[Recording], asked: Asked) -> Floats:
    """P(the first is better) of each pair after those verdicts; shape (n,)."""
    known: dict[tuple[bool | None, ...], float] = {}
    found = []
    for recording in items:
        verdicts = [recording.verdict(model, order) for model, order in asked]
        pattern = tuple(verdict.passed for verdict in verdicts)
        if pattern not in known:
            known[pattern] = judged(table, verdicts, TASK).estimate.point
        found.append(known[pattern])
    return np.array(found)


def out_of_fold(items: Sequence[Recording], asked: Asked) -> Floats:
    """The same, each pair by a table that was learned from other folds; shape (n,)."""
    fold = folds(items)
    found = np.zeros(len(items))
    for held in range(FOLDS):
        table = learned_from([r for r, f in zip(items, fold, strict=True) if f != held], asked)
        rows = np.flatnonzero(fold == held).tolist()
        found[rows] = probabilities(table, [items[row] for row in rows], asked)
    return found
