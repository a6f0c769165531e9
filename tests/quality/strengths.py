"""How well each metric alone tells right from wrong, by task kind, on public labelled data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plimsoll.calibration.statistics import Floats
from plimsoll.calibration.strengths import LEAST, Figure, Least, figure_of
from plimsoll.domain.metric import MetricSpec, Need
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Unmeasured
from plimsoll.metrics.registry import registered_metrics
from plimsoll.metrics.strength_rows import SCHEMA, row_of
from plimsoll.ports.tools import NO_TOOLS, Tools
from tests.quality.public_data import Labelled

STRENGTHS = Path(__file__).parents[2] / "services" / "plimsoll" / "metrics" / "strengths.json"


def measured_strengths(
    items: Sequence[Labelled],
    columns: Mapping[str, Floats],
    tools: Tools = NO_TOOLS,
    least: Least = LEAST,
) -> list[dict[str, Any]]:
    """One row per metric and task kind: the mean over sets of the AUROC within each set.

    Within sets, because between them base rates differ; a set weighs by what its labels can tell
    (see `within_sets`), and one in which all are right, or all are wrong, counts for nothing.
    Groups are drawn for the interval; a metric without enough labels has no row, and neither has
    a result that states no task kind. Only English has enough labels. What a metric found with a
    model of `tools` is that model's.
    """
    rows = []
    english = np.array([item.result.language == "en" for item in items])
    kinds = sorted({str(item.result.task_kind) for item in items} - {TaskKind.UNSPECIFIED})
    for metric in registered_metrics():
        spec, values = metric.spec, columns[metric.spec.name]
        for kind in kinds:
            of_kind = np.array([str(item.result.task_kind) == kind for item in items])
            chosen = np.flatnonzero(of_kind & english & ~np.isnan(values))
            some = [items[place] for place in chosen.tolist()]
            found = _figure(some, values[chosen], least)
            if isinstance(found, Figure):
                of = _sets(some), TaskKind(kind), "en", _model_of(spec, tools)
                rows.append(row_of(spec.name, spec.version, found.strength(*of)))
    return rows


def _model_of(spec: MetricSpec, tools: Tools) -> str:
    """The model that a metric's numbers rest on, if any."""
    models = {Need.EMBEDDING_MODEL: tools.embedder, Need.ENTAILMENT_MODEL: tools.entailment}
    used = [tool.name for need, tool in models.items() if tool is not None and need in spec.needs]
    return used[0] if used else ""


def written(rows: Sequence[dict[str, Any]]) -> str:
    """Strengths as they are kept."""
    return json.dumps({"schema": SCHEMA, "strengths": list(rows)}, indent=1) + "\n"


def _figure(items: Sequence[Labelled], values: Floats, least: Least) -> Figure | Unmeasured:
    labels = np.array([item.label for item in items], dtype=float)
    sources, sets = [item.source for item in items], [item.set_name for item in items]
    return figure_of(labels, values, sources, sets, least)


def _sets(items: Sequence[Labelled]) -> str:
    """The names of those that tell anything."""
    found = {(item.set_name, item.label) for item in items}
    return "+".join(sorted({name for name, label in found if (name, 1 - label) in found}))
