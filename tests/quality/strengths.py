"""How well each metric alone tells right from wrong, by task kind, on public labelled data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plimsoll.calibration.statistics import Floats, Indices, bootstrap
from plimsoll.domain.result import TaskKind
from plimsoll.metrics.registry import registered_metrics
from tests.quality.confbench.figures import within_sets
from tests.quality.public_data import Labelled

STRENGTHS = Path(__file__).parents[2] / "services" / "plimsoll" / "metrics" / "strengths.json"
MIN_LABELS = 50
# Of right ones and of wrong ones.
MIN_OF_EACH = 10
SEED = 20_260_101


def measured_strengths(
    items: Sequence[Labelled], columns: Mapping[str, Floats]
) -> list[dict[str, Any]]:
    """One row per metric and task kind: the mean over sets of the AUROC within each set.

    Within sets, because between them base rates differ; a set in which all are right, or all are
    wrong, tells nothing and counts for nothing. Groups are drawn for the interval; a metric
    without enough labels has no row, and neither has a result that states no task kind.
    Only English has enough labels.
    """
    rows = []
    english = np.array([item.result.language == "en" for item in items])
    kinds = sorted({str(item.result.task_kind) for item in items} - {TaskKind.UNSPECIFIED})
    for metric in registered_metrics():
        values = columns[metric.spec.name]
        for kind in kinds:
            of_kind = np.array([str(item.result.task_kind) == kind for item in items])
            row = _measured(items, np.flatnonzero(of_kind & english & ~np.isnan(values)), values)
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


def written(rows: Sequence[dict[str, Any]]) -> str:
    """Strengths as they are kept."""
    return json.dumps({"schema": 1, "strengths": list(rows)}, indent=1) + "\n"


def _measured(items: Sequence[Labelled], chosen: Indices, values: Floats) -> dict[str, Any] | None:
    chosen = _telling(items, chosen)
    labels = np.array([items[place].label for place in chosen])
    if len(chosen) < MIN_LABELS or min(labels.sum(), (1 - labels).sum()) < MIN_OF_EACH:
        return None
    sets = np.array([items[place].set_name for place in chosen])
    scores, names = values[chosen], sorted(set(sets.tolist()))

    def mean_auroc(rows: Indices) -> float:
        return within_sets(labels[rows], scores[rows], sets[rows])

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


def _telling(items: Sequence[Labelled], chosen: Indices) -> Indices:
    """Those of sets that have right and wrong ones."""
    found: dict[str, set[int]] = {}
    for place in chosen.tolist():
        found.setdefault(items[place].set_name, set()).add(items[place].label)
    telling = [place for place in chosen.tolist() if len(found[items[place].set_name]) > 1]
    return np.array(telling, dtype=np.intp)
