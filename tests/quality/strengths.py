"""How well each metric alone tells right from wrong, by task kind, on public labelled data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from plimsoll.calibration.statistics import Floats, Indices, auroc, bootstrap
from plimsoll.metrics.registry import registered_metrics
from tests.quality.confbench.values import Column
from tests.quality.public_data import Labelled

MIN_LABELS = 50
SEED = 20_260_101


def measured_strengths(
    items: Sequence[Labelled], columns: Mapping[str, Column]
) -> list[dict[str, Any]]:
    """One row per metric and task kind: the mean over sets of the AUROC within each set.

    Within sets, because between them base rates differ. Groups are drawn for the interval; a
    metric without enough labels has no row.
    """
    rows = []
    kinds = sorted({str(item.result.task_kind) for item in items})
    for metric in registered_metrics():
        values = columns[metric.spec.name].values
        for kind in kinds:
            of_kind = np.array([str(item.result.task_kind) == kind for item in items])
            row = _measured(items, np.flatnonzero(of_kind & ~np.isnan(values)), values)
            if row is not None:
                rows.append(
                    {
                        "metric": metric.spec.name,
                        "version": metric.spec.version,
                        "task_kind": kind,
                        "language": "en",
                        **row,
                    }
                )
    return rows


def _measured(items: Sequence[Labelled], chosen: Indices, values: Floats) -> dict[str, Any] | None:
    if len(chosen) < MIN_LABELS:
        return None
    labels = np.array([items[place].label for place in chosen])
    sets = np.array([items[place].set_name for place in chosen])
    scores, names = values[chosen], sorted(set(sets.tolist()))

    def mean_auroc(rows: Indices) -> float:
        within = [rows[sets[rows] == name] for name in names]
        return float(np.mean([auroc(labels[part], scores[part]) for part in within]))

    groups = [items[place].source for place in chosen]
    interval = bootstrap(mean_auroc, groups, np.random.default_rng(SEED))
    if interval is None:
        return None
    return {
        "auroc": round(mean_auroc(np.arange(len(chosen))), 3),
        "lower": round(interval.lower, 3),
        "upper": round(interval.upper, 3),
        "level": interval.level,
        "labels": len(chosen),
        "dataset": "+".join(names),
    }
