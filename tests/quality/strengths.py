"""How well each metric alone tells right from wrong, by task kind, on public labelled data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from plimsoll.calibration.statistics import Indices, auroc, bootstrap
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.metric import Metric
from tests.quality.public_data import Labelled

MIN_LABELS = 50
SEED = 20_260_101


def measured_strengths(items: Sequence[Labelled]) -> list[dict[str, Any]]:
    """One row per metric and task kind: the mean over sets of the AUROC within each set.

    Within sets, because between them base rates differ. Groups are drawn for the interval; a
    metric without enough labels has no row.
    """
    rows = []
    kinds = sorted({str(item.result.task_kind) for item in items})
    for metric in registered_metrics():
        for kind in kinds:
            of_kind = [item for item in items if item.result.task_kind == kind]
            row = _measured(metric, of_kind)
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


def _measured(metric: Metric, items: Sequence[Labelled]) -> dict[str, Any] | None:
    values = [evaluate(metric, item.result).value for item in items]
    chosen = [(i, v) for i, v in zip(items, values, strict=True) if v is not None]
    if len(chosen) < MIN_LABELS:
        return None
    labels = np.array([item.label for item, _ in chosen])
    scores = np.array([value for _, value in chosen])
    sets = np.array([item.set_name for item, _ in chosen])
    names = sorted(set(sets.tolist()))

    def mean_auroc(rows: Indices) -> float:
        within = [rows[sets[rows] == name] for name in names]
        return float(np.mean([auroc(labels[part], scores[part]) for part in within]))

    groups = [item.group.partition(":")[2] for item, _ in chosen]
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
