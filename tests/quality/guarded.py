"""Strengths on the part that ships, which tests hold metrics to; users are shown others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from plimsoll.calibration.statistics import Floats
from plimsoll.calibration.strengths import Least
from plimsoll.domain.metric import Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.tools import NO_TOOLS, Tools
from tests.quality.confbench.figures import MIN_OF_EACH
from tests.quality.public_data import Labelled
from tests.quality.strengths import measured_strengths

# Results whose programs are run: six of the seven right ones of the sample, and the first twelve
# wrong ones, but for those with a program that runs into its limits. All would take over a minute.
_RUN = frozenset(
    f"humaneval_codegen16b-{number:04d}"
    for number in (1, 5, 6, 8, 9, 10, 11, 13, 14, 15, 18, 19, 20, 21, 32, 37, 58, 59)
)
_MIN_LABELS = 15


def is_run(result: LlmResult) -> bool:
    """Whether metrics that run programs are held to what they say of this result."""
    return result.key.result_id in _RUN


def guarded_strengths(
    items: Sequence[Labelled], columns: Mapping[str, Floats], tools: Tools = NO_TOOLS
) -> list[dict[str, Any]]:
    """Strengths that tell whether a metric still ranks as it did, on few labels if need be."""
    run = np.array([is_run(item.result) for item in items])
    running = {m.spec.name for m in registered_metrics() if Need.SANDBOX in m.spec.needs}
    held = {
        name: np.where(run, values, np.nan) if name in running else values
        for name, values in columns.items()
    }
    return measured_strengths(items, held, tools, Least(_MIN_LABELS, MIN_OF_EACH))
