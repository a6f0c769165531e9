"""How well each metric alone tells right from wrong, by task kind, on public labelled data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.statistics import Floats, Indices
from plimsoll.domain.metric import MetricSpec, Need
from plimsoll.domain.result import TaskKind
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.tools import NO_TOOLS, Tools
from tests.quality.confbench.figures import MIN_LABELS, enough, telling, within_sets
from tests.quality.public_data import Labelled

STRENGTHS = Path(__file__).parents[2] / "services" / "plimsoll" / "metrics" / "strengths.json"
# Of right ones and of wrong ones, for a figure that users are shown.
MIN_OF_EACH = 10
SEED = 20_260_101
REPLICATES, LEVEL = 1_000, 0.9


def measured_strengths(
    items: Sequence[Labelled],
    columns: Mapping[str, Floats],
    tools: Tools = NO_TOOLS,
    of_each: int = MIN_OF_EACH,
    of_all: int = MIN_LABELS,
) -> list[dict[str, Any]]:
    """One row per metric and task kind: the mean over sets of the AUROC within each set.

    Within sets, because between them base rates differ; a set weighs by what its labels can tell
    (see `within_sets`), and one in which all are right, or all are wrong, counts for nothing.
    Groups are drawn for the interval; a metric without enough labels, `of_all` with `of_each`
    right ones and wrong ones among them, has no row, and neither has a result that states no task
    kind. Only English has enough labels. What a metric found with a model of `tools` is that
    model's.
    """
    rows = []
    english = np.array([item.result.language == "en" for item in items])
    kinds = sorted({str(item.result.task_kind) for item in items} - {TaskKind.UNSPECIFIED})
    for metric in registered_metrics():
        values = columns[metric.spec.name]
        for kind in kinds:
            of_kind = np.array([str(item.result.task_kind) == kind for item in items])
            chosen = np.flatnonzero(of_kind & english & ~np.isnan(values))
            row = _measured(items, chosen, values, of_each, of_all)
            if row is not None:
                rows.append(
                    {
                        "metric": metric.spec.name,
                        "version": metric.spec.version,
                        "task_kind": kind,
                        "language": "en",
                        **_model_of(metric.spec, tools),
                        **row,
                    }
                )
    return rows


def _model_of(spec: MetricSpec, tools: Tools) -> dict[str, str]:
    """The model that a metric's numbers rest on, if any."""
    models = {Need.EMBEDDING_MODEL: tools.embedder, Need.ENTAILMENT_MODEL: tools.entailment}
    used = [tool.name for need, tool in models.items() if tool is not None and need in spec.needs]
    return {"model": used[0]} if used else {}


def written(rows: Sequence[dict[str, Any]]) -> str:
    """Strengths as they are kept."""
    return json.dumps({"schema": 1, "strengths": list(rows)}, indent=1) + "\n"


def _measured(
    items: Sequence[Labelled], chosen: Indices, values: Floats, of_each: int, of_all: int
) -> dict[str, Any] | None:
    labels = np.array([float(items[place].label) for place in chosen])
    sets = np.array([items[place].set_name for place in chosen], dtype=str)
    if not enough(labels, sets, of_each, of_all):
        return None
    told = telling(labels, sets)
    chosen, labels, sets = chosen[told], labels[told], sets[told]
    drawn = within_sets_drawn(
        labels, values[chosen], sets, [items[place].source for place in chosen]
    )
    known = drawn[~np.isnan(drawn)]
    if 2 * len(known) < len(drawn):
        return None
    lower, upper = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {
        "auroc": round(within_sets(labels, values[chosen], sets), 3),
        "lower": round(float(lower), 3),
        "upper": round(float(upper), 3),
        "level": LEVEL,
        "labels": len(chosen),
        "dataset": "+".join(sorted(set(sets.tolist()))),
    }


def within_sets_drawn(
    labels: Floats, scores: Floats, sets: NDArray[np.str_], groups: Sequence[str]
) -> Floats:
    """`within_sets` of each bootstrap draw of whole groups, all draws at once; shape (replicates,).

    The same draws as `bootstrap` makes; NaN where no set has right and wrong ones. Ties half.
    """
    _, group_of = np.unique(np.asarray(groups), return_inverse=True)
    rng, count = np.random.default_rng(SEED), int(group_of.max()) + 1
    times = np.array(
        [np.bincount(rng.integers(count, size=count), minlength=count) for _ in range(REPLICATES)]
    )[:, group_of]
    total, mass = np.zeros(REPLICATES), np.zeros(REPLICATES)
    for name in sorted(set(sets.tolist())):
        rows = np.flatnonzero(sets == name)
        rows = rows[np.argsort(scores[rows], kind="stable")]
        starts = np.flatnonzero(np.diff(scores[rows], prepend=-np.inf))
        right = np.add.reduceat(times[:, rows] * labels[rows], starts, axis=1)
        wrong = np.add.reduceat(times[:, rows] * (1.0 - labels[rows]), starts, axis=1)
        below = np.cumsum(wrong, axis=1) - 0.5 * wrong
        rights, wrongs = right.sum(axis=1), wrong.sum(axis=1)
        pairs = rights * wrongs
        there = pairs > 0.0
        weight = np.where(there, pairs / np.maximum(rights + wrongs, 1.0), 0.0)
        total += weight * (right * below).sum(axis=1) / np.where(there, pairs, 1.0)
        mass += weight
    return np.where(mass > 0.0, total / np.where(mass > 0.0, mass, 1.0), np.nan)
