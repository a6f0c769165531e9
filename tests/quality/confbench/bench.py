"""One run of ConfBench: records, values of metrics and baselines, and the crossed combination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.metric import MetricSpec
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.tools import Tools
from tests.quality.choosing import FORMS, crossed, out_of_fold
from tests.quality.confbench.baselines import baseline_columns
from tests.quality.confbench.corpus import APART
from tests.quality.confbench.values import Column, Progress, measure
from tests.quality.fitting import Fit, Form, Table
from tests.quality.public_data import Labelled
from tests.quality.tables import table_of

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Bench:
    """Everything that figures are made from; arrays have one entry a record, in one order."""

    items: Sequence[Labelled]
    specs: Sequence[MetricSpec]
    columns: Mapping[str, Column]
    baselines: Mapping[str, Floats]
    table: Table

    @cached_property
    def judged(self) -> Mask:
        """Records that have a value of some metric that may decide, and are not of a set apart."""
        return self.measurable & ~self.apart

    @cached_property
    def measurable(self) -> Mask:
        """Records with a confidence: an answer, and a value of a metric that is enough for one."""
        answered = np.array([bool(item.result.response.text.strip()) for item in self.items])
        return np.asarray(self.table.measurable & answered)

    @cached_property
    def apart(self) -> Mask:
        """Records of sets in which the label follows from the form of the answer."""
        return np.isin(self.table.sets, list(APART))

    @cached_property
    def tasks(self) -> list[str]:
        """Tasks with judged records of both labels, in order."""
        found = sorted(set(self.table.kinds[self.judged].tolist()))
        return [task for task in found if 0.0 < self.table.labels[self.rows_of(task)].mean() < 1.0]

    def rows_of(self, task: str) -> NDArray[np.intp]:
        """Places of a task's judged records."""
        return np.flatnonzero(self.judged & (self.table.kinds == task))

    @cached_property
    def deciding(self) -> dict[str, Floats]:
        """Values of the metrics that may decide, by name."""
        return dict(zip(self.table.metrics, self.table.values.T, strict=True))


@dataclass(frozen=True)
class Crossed:
    """The combination by cross-validation: a fit a fold, the form that each took, and logits.

    A record's logit is by the fit that saw no record of its source; NaN where nothing could be
    measured. Records apart have one too, and no fit saw any of them. `assignment` is the one of
    sources to folds.
    """

    fits: Sequence[Fit]
    forms: Sequence[Form]
    logits: Floats
    assignment: str = ""

    @property
    def points(self) -> Floats:
        """Probabilities."""
        return np.asarray(0.5 + 0.5 * np.tanh(self.logits / 2))


def set_up(items: Sequence[Labelled], tools: Tools, folder: Path, tell: Progress) -> Bench:
    """Measures what has not been measured before by every metric, with these tools."""
    metrics = registered_metrics(tools)
    specs = [metric.spec for metric in metrics]
    columns = measure(metrics, [item.result for item in items], folder, tell, tools)
    tell(f"{len(items):,} results of {len(metrics)} metrics are measured; trivial baselines")
    for name, column in columns.items():
        if column.lacks:
            tell(f"{name} has no value: {column.lacks}")
    tasks = [item.task for item in items]
    values = {name: column.values for name, column in columns.items()}
    table = table_of(items, specs, values, kinds=tasks, units=tasks)
    return Bench(items, specs, columns, baseline_columns(items), table)


def cross(bench: Bench, forms: Sequence[Form] = FORMS, assignment: str = "") -> Crossed:
    """Fits on the judged records, and a logit for every record that can be measured."""
    fits, taken = out_of_fold(bench.table.rows(bench.judged), forms, assignment)
    logits = crossed(bench.table, fits, assignment)
    return Crossed(fits, taken, np.where(bench.measurable, logits, np.nan), assignment)
