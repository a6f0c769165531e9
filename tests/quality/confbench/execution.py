"""Agreement of programs that were run, on HumanEval by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from tests.quality.confbench.bench import Bench
from tests.quality.confbench.figures import Ranking, enough, ranking

# Answers to HumanEval that came with further samples of the same model.
SETS = ("humaneval_codegen16b", "humaneval_gpt4")
# The set and the metric that count for what is asked: solutions that were sampled from one model
# at a temperature, and the share of their outputs that agree.
ASKED_OF = ("output_agreement", "humaneval_codegen16b")
METRICS = (
    "output_agreement",
    "behaviour_agreement",
    "functional_entropy",
    "dual_execution_agreement",
)
ASKED = 0.85


@dataclass(frozen=True)
class Execution:
    """A metric on one set or on both, where it has a value."""

    metric: str
    sets: tuple[str, ...]
    figures: Ranking

    @property
    def holds(self) -> bool:
        """Whether it ranks as well as it is asked to."""
        return self.figures.auroc >= ASKED


def execution(bench: Bench) -> list[Execution]:
    """Each metric on both sets and on each, where there are right ones and wrong ones."""
    return list(_found(bench))


def told(found: list[Execution]) -> list[dict[str, object]]:
    """Figures as they are kept."""
    return [{**asdict(one), "sets": list(one.sets), "holds": one.holds} for one in found]


def _found(bench: Bench) -> Iterator[Execution]:
    for metric in METRICS:
        column = bench.columns.get(metric)
        if column is None:
            continue
        for sets in (SETS, *((name,) for name in SETS)):
            rows = np.flatnonzero(np.isin(bench.table.sets, sets) & ~np.isnan(column.values))
            table = bench.table
            if not enough(table.labels[rows], table.sets[rows]):
                continue
            figures = ranking(
                table.labels[rows], column.values[rows], table.groups[rows], table.sets[rows]
            )
            if figures is not None:
                yield Execution(metric, sets, figures)
