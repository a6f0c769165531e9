"""What each family of metrics is worth: the combination without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.statistics import auroc, bootstrap
from plimsoll.domain.score import Interval
from tests.quality.confbench.bench import Bench, Crossed, cross
from tests.quality.confbench.figures import LEVEL, SEED
from tests.quality.fitting import Form

_REPLICATES = 200


@dataclass(frozen=True)
class Ablation:
    """AUROC with a family minus without, on the records of a task that stay measurable."""

    family: str
    task: str
    metrics: int
    n: int
    gain: float
    interval: Interval | None


def ablations(bench: Bench, crossed: Crossed, forms: Sequence[Form]) -> list[Ablation]:
    """A new fit without each family in turn."""
    family = {spec.name: str(spec.family) for spec in bench.specs}
    of_column = np.array([family[metric] for metric in bench.table.metrics])
    found = []
    for name in sorted(set(of_column.tolist())):
        values = bench.table.values.copy()
        values[:, of_column == name] = np.nan
        rest = replace(bench, table=replace(bench.table, values=values))
        without = cross(rest, forms)
        for task in bench.tasks:
            rows = bench.rows_of(task)
            rows = rows[rest.judged[rows]]
            touched = ~np.isnan(bench.table.values[rows][:, of_column == name])
            if touched.any() and 0.0 < bench.table.labels[rows].mean() < 1.0:
                count = int((of_column == name).sum())
                found.append(_ablation(bench, (crossed, without), rows, (name, task, count)))
    return found


def _ablation(
    bench: Bench,
    pair: tuple[Crossed, Crossed],
    rows: NDArray[np.intp],
    names: tuple[str, str, int],
) -> Ablation:
    labels, groups = bench.table.labels[rows], bench.table.groups[rows]
    ours, theirs = (crossed.logits[rows] for crossed in pair)

    def gain(drawn: NDArray[np.intp]) -> float:
        return auroc(labels[drawn], ours[drawn]) - auroc(labels[drawn], theirs[drawn])

    rng = np.random.default_rng(SEED)
    interval = bootstrap(gain, groups.tolist(), rng, _REPLICATES, LEVEL)
    family, task, count = names
    return Ablation(family, task, count, len(rows), gain(np.arange(len(rows))), interval)
