"""Labelled records as a table of metric values that a combination is fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.metric import MetricSpec, Need
from tests.quality.fitting import Table
from tests.quality.public_data import Labelled

Floats = NDArray[np.float64]
# What a producer may leave out, by the needs of metrics; the first that fits names a metric's.
INPUTS = {
    "logprobs": (Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
    "samples": (Need.ALTERNATIVES,),
    "context": (Need.CONTEXT,),
}


def input_of(spec: MetricSpec) -> str:
    """The input that a metric cannot do without, or `response`."""
    for name, needs in INPUTS.items():
        if set(needs) & set(spec.needs):
            return name
    return "response"


def table_of(
    items: Sequence[Labelled],
    specs: Sequence[MetricSpec],
    columns: Mapping[str, Floats],
    kinds: Sequence[str],
    units: Sequence[str],
) -> Table:
    """Values of the metrics that may decide and have any value here.

    Baselines and metrics that see right answers are never among them.
    """
    used = [spec for spec in specs if spec.may_decide and not np.isnan(columns[spec.name]).all()]
    return Table(
        metrics=tuple(spec.name for spec in used),
        needs=tuple(input_of(spec) for spec in used),
        values=np.column_stack([columns[spec.name] for spec in used]),
        labels=np.array([item.label for item in items], dtype=float),
        kinds=np.array(kinds),
        sets=np.array([item.set_name for item in items]),
        groups=np.array([item.source for item in items]),
        units=np.array(units),
    )
