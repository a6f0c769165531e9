"""Labelled records as a table of metric values that a combination is fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.metric import Family, MetricSpec, Need
from tests.quality.confbench.figures import enough
from tests.quality.fitting import Table
from tests.quality.public_data import Labelled

MIN_VALUES = 50
MIN_TELLING = 15
Floats = NDArray[np.float64]
# What a producer or a deployment may leave out, by the needs of metrics.
INPUTS = {
    "logprobs": (Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
    "samples": (Need.ALTERNATIVES,),
    "context": (Need.CONTEXT,),
    "sandbox": (Need.SANDBOX,),
    # Most deployments with a sandbox have none, and that is not to pass for half a sandbox.
    "type checker": (Need.TYPE_CHECKER,),
}


def inputs_of(spec: MetricSpec) -> frozenset[str]:
    """The inputs that a metric cannot do without, of those that may be left out."""
    return frozenset(name for name, needs in INPUTS.items() if set(needs) & set(spec.needs))


def stands_alone(spec: MetricSpec) -> bool:
    """Whether its value is enough for a confidence.

    Of a check that any response can pass it is not: an answer that is no refusal and calculates
    rightly is not thereby measured.
    """
    return spec.family is not Family.VALIDATOR or spec.needs != (Need.RESPONSE_TEXT,)


def telling(column: Floats) -> bool:
    """Whether enough records have a value other than the commonest."""
    known = column[~np.isnan(column)]
    if len(known) < MIN_VALUES:
        return False
    _, counts = np.unique(known, return_counts=True)
    return len(known) - int(counts.max()) >= MIN_TELLING


def table_of(
    items: Sequence[Labelled],
    specs: Sequence[MetricSpec],
    columns: Mapping[str, Floats],
    kinds: Sequence[str],
    units: Sequence[str],
) -> Table:
    """Values of the metrics that may decide and tell at least `MIN_TELLING` records from the rest.

    Baselines and metrics that see right answers are never among them, and neither is one whose
    values stand beside too few right ones or wrong ones for a figure: no label could weigh it.
    """
    labels = np.array([item.label for item in items], dtype=float)
    sets = np.array([item.set_name for item in items])

    def weighed(column: Floats) -> bool:
        there = ~np.isnan(column)
        return telling(column) and enough(labels[there], sets[there])

    used = [spec for spec in specs if spec.may_decide and weighed(columns[spec.name])]
    return Table(
        metrics=tuple(spec.name for spec in used),
        needs=tuple(inputs_of(spec) for spec in used),
        alone=tuple(stands_alone(spec) for spec in used),
        values=np.column_stack([columns[spec.name] for spec in used]),
        labels=labels,
        kinds=np.array(kinds),
        sets=sets,
        groups=np.array([item.source for item in items]),
        units=np.array(units),
        shares=np.ones(len(items)),
    )
