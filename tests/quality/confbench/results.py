"""A run's results as data: what the page, the plots and the strengths are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.statistics import auroc, risk_coverage
from tests.quality.confbench.ablations import Ablation
from tests.quality.confbench.acceptance import Rival, Verdict
from tests.quality.confbench.averages import mean_of
from tests.quality.confbench.bench import Bench, Crossed
from tests.quality.confbench.corpus import APART
from tests.quality.confbench.execution import execution, told
from tests.quality.confbench.figures import enough, ranking, reliability
from tests.quality.confbench.patterns import Pattern
from tests.quality.confbench.unmeasured import unmeasured

Floats = NDArray[np.float64]
Document = dict[str, Any]
SCHEMA = 1
_DIGITS = 4
_REPLICATES = 200
# Of raw values, which are no probabilities yet, a rough figure of chance will do.
_DRAWS = 50
_BINS = 10


def document(
    bench: Bench,
    crossings: Sequence[Crossed],
    verdicts: Sequence[Verdict],
    patterns: list[Pattern],
    removed: list[Ablation],
) -> Document:
    """Everything, rounded; the same run gives the same document.

    The combination's figures are means over assignments to folds; what is told of `apart`, of
    inputs and of families is by the first of them.
    """
    tasks = {task: _task(bench, crossings, task) for task in bench.tasks}
    body = {
        "schema": SCHEMA,
        "records": len(bench.items),
        "judged": int(bench.judged.sum()),
        "sets": _sets(bench),
        "forms": [form.name for crossed in crossings for form in crossed.forms],
        "inputs": list(bench.table.metrics),
        "costs": {
            name: float(1_000 * column.seconds[~np.isnan(column.values)].mean())
            for name, column in bench.columns.items()
            if (~np.isnan(column.values)).any()
        },
        "tasks": tasks,
        "unmeasured": unmeasured(
            bench, {name for one in tasks.values() for name in one["metrics"]}
        ),
        "apart": _apart(bench, crossings[0]),
        "execution": told(execution(bench)),
        "acceptance": _acceptance(verdicts),
        "patterns": [{**asdict(pattern), "holds": pattern.holds} for pattern in patterns],
        "ablations": [asdict(ablation) for ablation in removed],
    }
    rounded: Document = _rounded(body)
    return rounded


def _sets(bench: Bench) -> Document:
    names = bench.table.sets
    return {
        name: {
            "task": str(bench.table.kinds[names == name][0]),
            "records": int((names == name).sum()),
            "right": float(bench.table.labels[names == name].mean()),
            "judged": int((bench.measurable & (names == name)).sum()),
        }
        for name in sorted(set(names.tolist()))
    }


def _task(bench: Bench, crossings: Sequence[Crossed], task: str) -> Document:
    rows = bench.rows_of(task)
    labels, sets = bench.table.labels, bench.table.sets
    overlap = "content overlap"
    if np.isnan(bench.baselines[overlap][rows]).mean() > 0.5:
        overlap = "Jaccard with samples"
    beside = {"length": bench.baselines["length"], "overlap": bench.baselines[overlap]}
    names = {spec.name for spec in bench.specs if not spec.baseline}
    return {
        "n": len(rows),
        "right": float(labels[rows].mean()),
        "overlap_is": overlap,
        "combined": mean_of(
            [
                {
                    **_row(bench, rows, crossed.logits, beside),
                    **asdict(reliability(labels[rows], crossed.points[rows])),
                    "curves": _curves(labels[rows], crossed.points[rows]),
                }
                for crossed in crossings
            ]
        ),
        "metrics": {
            name: row
            for name, column in bench.columns.items()
            for there in [rows[~np.isnan(column.values[rows])]]
            if name in names and enough(labels[there], sets[there])
            for row in [_row(bench, there, column.values, beside, probability=True)]
        },
        "baselines": {
            name: row
            for name, values in bench.baselines.items()
            for there in [rows[~np.isnan(values[rows])]]
            if enough(labels[there], sets[there])
            for row in [_row(bench, there, values, beside)]
        },
    }


def _row(
    bench: Bench,
    there: NDArray[np.intp],
    scores: Floats,
    beside: Mapping[str, Floats],
    *,
    probability: bool = False,
) -> Document:
    """Figures of a score where it has a value, with those of plain baselines on the same."""
    labels = bench.table.labels[there]
    sets, groups = bench.table.sets[there], bench.table.groups[there]
    found = ranking(labels, scores[there], groups, sets, _REPLICATES)
    row: Document = {} if found is None else asdict(found)
    for name, values in beside.items():
        known = ~np.isnan(values[there])
        if known.any() and 0.0 < labels[known].mean() < 1.0:
            row[name] = auroc(labels[known], values[there][known])
    if probability:
        row |= asdict(reliability(labels, scores[there], _DRAWS))
    return row


def _curves(labels: Floats, points: Floats) -> Document:
    """Reliability in bins of equal mass, and the error rate by share kept."""
    order = np.argsort(points, kind="stable")
    risks = risk_coverage(labels, points)
    places = np.unique(np.linspace(1, len(risks), 50).astype(int)) - 1
    return {
        "claimed": [float(points[part].mean()) for part in np.array_split(order, _BINS)],
        "right": [float(labels[part].mean()) for part in np.array_split(order, _BINS)],
        "kept": [float((place + 1) / len(risks)) for place in places],
        "errors": [float(risks[place]) for place in places],
    }


def _apart(bench: Bench, crossed: Crossed) -> Document:
    found = {}
    for name, why in APART.items():
        rows = np.flatnonzero((bench.table.sets == name) & bench.measurable)
        labels = bench.table.labels[rows]
        if len(rows) and 0.0 < labels.mean() < 1.0:
            found[name] = {
                "why": why,
                "n": len(rows),
                "auroc": auroc(labels, crossed.logits[rows]),
                "length": auroc(labels, bench.baselines["length"][rows]),
            }
    return found


def _acceptance(verdicts: Sequence[Verdict]) -> Document:
    verdict = mean_of(verdicts)
    eces = {
        task.task: [one.tasks[place].reliability.ece for one in verdicts]
        for place, task in enumerate(verdict.tasks)
    }
    return {
        "holds": verdict.holds,
        "mean_gain_on_single": verdict.mean_gain_on_single,
        "mean_gain_on_trivial": verdict.mean_gain_on_trivial,
        "tasks": {
            task.task: {
                "holds": task.holds,
                "n": task.n,
                "auroc": task.auroc,
                "within": task.within,
                "single": _rival(task.single),
                "trivial": _rival(task.trivial),
                **asdict(task.reliability),
                "eces": eces[task.task],
                "base_log_loss": task.base_log_loss,
            }
            for task in verdict.tasks
        },
    }


def _rival(rival: Rival) -> Document:
    return {**asdict(rival), "names": sorted(set(rival.names))}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS) if np.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
