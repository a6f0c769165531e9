"""Metrics that have no figure, and what is lacking for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from typing import Any

import numpy as np

from plimsoll.calibration.strengths import telling
from plimsoll.domain.metric import MetricSpec
from tests.quality.confbench.bench import Bench
from tests.quality.confbench.figures import MIN_LABELS, MIN_OF_EACH

Document = dict[str, Any]
_OPENING = f"""\
## Metrics without a figure

A figure takes {MIN_LABELS} values on results of one task, {MIN_OF_EACH} right ones and
{MIN_OF_EACH} wrong ones among them in sets that have both; the catalogue wants ten of each.
*Right* and *wrong* count such results with a value; *absent* is what the run lacked, or the
commonest reason why others have none.

| metric | values | right | wrong | absent |
| --- | --- | --- | --- | --- |
"""


def unmeasured(bench: Bench, measured: Container[str]) -> list[Document]:
    """What is known of each metric that is not among those measured, in the catalogue's order."""
    return list(_found(bench, measured))


def _found(bench: Bench, measured: Container[str]) -> Iterator[Document]:
    for spec in bench.specs:
        if not spec.baseline and spec.name not in measured:
            yield {"metric": spec.name, **_lacking(bench, spec)}


def _lacking(bench: Bench, spec: MetricSpec) -> Document:
    """Values, right and wrong ones in sets that have both, and why others have none."""
    column = bench.columns[spec.name]
    rows = np.flatnonzero(bench.judged & ~np.isnan(column.values))
    labels = bench.table.labels[rows]
    told = labels[telling(labels, bench.table.sets[rows])]
    reasons = Counter(filter(None, column.reasons))
    commonest = max(reasons, key=lambda reason: (reasons[reason], reason), default="")
    return {
        "values": len(rows),
        "right": int(told.sum()),
        "wrong": int(len(told) - told.sum()),
        "absent": column.lacks or commonest,
    }


def without_figure(found: list[Document]) -> str:
    """The metrics as a section of the page, in Markdown."""
    rows = "".join(
        f"| {row['metric']} | {row['values']:,} | {row['right']:,} | {row['wrong']:,} | "
        f"{row['absent']} |\n"
        for row in found
    )
    return _OPENING + rows
