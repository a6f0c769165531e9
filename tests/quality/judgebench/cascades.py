"""A cascade beside the full panel and the best single judge, on recorded judgements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.judges.cascade import last_stages, mean_price, sureness, threshold_grid
from plimsoll.calibration.statistics import aurc, brier, risk_at
from tests.quality.judgebench.panels import Asked, out_of_fold, probabilities
from tests.quality.judgebench.recordings import (
    FOLDS,
    MODELS,
    ORDERS,
    Recording,
    folds,
    learned_from,
)

Floats = NDArray[np.float64]

PANEL = tuple((model, order) for model in MODELS for order in ORDERS)
# What is asked first; then the dear one in one order, and in the other. Which order of that one
# comes first is chosen with the thresholds.
CHEAP: dict[str, Asked] = {
    "PaLM 2 in one order": (("PaLM2", "12"),),
    "PaLM 2 in both orders": (("PaLM2", "12"), ("PaLM2", "21")),
}
DEAR = "GPT-4"
COVERAGES = (0.5, 0.7, 0.8, 0.9, 1.0)
BUDGET = 0.4
_VALUES = (0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.1)


@dataclass(frozen=True, slots=True)
class Run:
    """Confidence in the preferred response and whether it is the better one; shape (n,).

    `cost` is relative to that of the panel.
    """

    sure: Floats
    right: NDArray[np.int_]
    cost: float

    @property
    def aurc(self) -> float:
        """Mean selective risk over all coverages."""
        return aurc(self.right, self.sure)

    def risk(self, coverage: float) -> float:
        """Selective risk at a coverage."""
        return risk_at(self.right, self.sure, coverage)


def run_of(items: Sequence[Recording], found: Floats, cost: float) -> Run:
    """A run from probabilities that the first is better."""
    labels = np.array([recording.right for recording in items])
    return Run(sureness(found), ((found > 0.5) == labels).astype(int), cost)


def price(items: Sequence[Recording], asked: Asked) -> Floats:
    """Of asking all of those about each pair; shape (n,)."""
    return np.array([sum(r.price(model, order) for model, order in asked) for r in items])


def single(items: Sequence[Recording], model: str) -> Run:
    """One model in both orders."""
    asked = [(model, order) for order in ORDERS]
    cost = price(items, asked).mean() / price(items, PANEL).mean()
    return run_of(items, out_of_fold(items, asked), float(cost))


def panel(items: Sequence[Recording]) -> Run:
    """All models in both orders."""
    return run_of(items, out_of_fold(items, PANEL), 1.0)


def cascade(items: Sequence[Recording], cheap: Asked) -> Run:
    """Stages with thresholds that were chosen on other folds, within the budget there."""
    fold = folds(items)
    found, paid = np.zeros(len(items)), np.zeros(len(items))
    for held in range(FOLDS):
        others = [r for r, f in zip(items, fold, strict=True) if f != held]
        rows = np.flatnonzero(fold == held).tolist()
        mine = [items[row] for row in rows]
        plan = _chosen(others, cheap)
        after = _staged(others, mine, plan.stages)
        stages = last_stages(after, plan.thresholds)
        found[rows] = after[np.arange(len(mine)), stages]
        prices = np.cumsum(_prices(mine, plan.stages), axis=1)
        paid[rows] = prices[np.arange(len(mine)), stages]
    return run_of(items, found, float(paid.mean() / price(items, PANEL).mean()))


@dataclass(frozen=True, slots=True)
class _Plan:
    """Stages and the thresholds between them, and the Brier score that they had."""

    stages: Sequence[Asked]
    thresholds: tuple[float, ...]
    loss: float


def _chosen(items: Sequence[Recording], cheap: Asked) -> _Plan:
    """The plan of the least Brier score among those within the budget.

    Each pair is judged by a table that has not seen it, as it will be when the plan is used.
    """
    return min((_best(items, cheap, order) for order in ORDERS), key=lambda plan: plan.loss)


def _best(items: Sequence[Recording], cheap: Asked, first: str) -> _Plan:
    second = next(order for order in ORDERS if order != first)
    stages: Sequence[Asked] = (cheap, ((DEAR, first),), ((DEAR, second),))
    after = np.column_stack([out_of_fold(items, asked) for asked in _so_far(stages)])
    labels = np.array([recording.right for recording in items])
    prices, whole = _prices(items, stages), float(price(items, PANEL).mean())
    plans = []
    for thresholds in threshold_grid(len(stages), _VALUES):
        last = last_stages(after, thresholds)
        if mean_price(last, prices) <= BUDGET * whole:
            found = after[np.arange(len(items)), last]
            loss = brier(labels, found)
            plans.append(_Plan(stages, thresholds, loss))
    return min(plans, key=lambda plan: plan.loss)


def _so_far(stages: Sequence[Asked]) -> list[Asked]:
    """Who has been asked after each stage."""
    return [tuple(chain.from_iterable(stages[: n + 1])) for n in range(len(stages))]


def _staged(
    taught: Sequence[Recording], items: Sequence[Recording], stages: Sequence[Asked]
) -> Floats:
    """Probabilities after each stage, shape (n, stages)."""
    return np.column_stack(
        [probabilities(learned_from(taught, asked), items, asked) for asked in _so_far(stages)]
    )


def _prices(items: Sequence[Recording], stages: Sequence[Asked]) -> Floats:
    return np.column_stack([price(items, stage) for stage in stages])
