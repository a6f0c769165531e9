"""Figures of one score on one task: how well it ranks, and whether it is a probability."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.statistics import (
    Indices,
    aurc,
    auroc,
    bootstrap,
    brier,
    ece,
    log_loss,
    null_ece,
    null_ece_percentile,
    prr,
)
from plimsoll.calibration.strengths import telling, within_sets

Floats = NDArray[np.float64]
Groups = NDArray[np.str_]
SEED = 20_260_101
REPLICATES = 1_000
# Two-sided; its lower end is a one-sided bound at 95 %.
LEVEL = 0.9
# From here on chance is no excuse any more.
MANY, MANY_ECE = 1_000, 0.05
_DRAWS = 500
# Of labels, and of right ones and of wrong ones among them: with fewer a figure says nothing.
MIN_LABELS, MIN_OF_EACH = 50, 5


@dataclass(frozen=True)
class Ranking:
    """How well scores rank right above wrong; `within` is the mean of AUROCs inside sets."""

    n: int
    right: float
    auroc: float
    lower: float | None
    upper: float | None
    within: float
    prr: float
    aurc: float


@dataclass(frozen=True)
class Reliability:
    """Whether probabilities come true; `ece_bound` is what a perfect model stays below."""

    brier: float
    ece: float
    null_ece: float
    ece_bound: float
    log_loss: float

    @property
    def calibrated(self) -> bool:
        """Whether chance alone may have made the calibration error."""
        return self.ece <= self.ece_bound


def ranking(
    labels: Floats, scores: Floats, groups: Groups, sets: Groups, replicates: int = REPLICATES
) -> Ranking | None:
    """None where all are right or all are wrong."""
    if not 0.0 < labels.mean() < 1.0:
        return None
    interval = bootstrap(
        lambda rows: auroc(labels[rows], scores[rows]),
        groups.tolist(),
        np.random.default_rng(SEED),
        replicates,
        LEVEL,
    )
    return Ranking(
        n=len(labels),
        right=float(labels.mean()),
        auroc=auroc(labels, scores),
        lower=None if interval is None else interval.lower,
        upper=None if interval is None else interval.upper,
        within=within_sets(labels, scores, sets),
        prr=prr(labels, scores),
        aurc=aurc(labels, scores),
    )


def enough(
    labels: Floats, sets: Groups, of_each: int = MIN_OF_EACH, of_all: int = MIN_LABELS
) -> bool:
    """Whether so few labels are enough for a figure, counting those that tell anything."""
    told = labels[telling(labels, sets)]
    return len(told) >= of_all and min(told.sum(), len(told) - told.sum()) >= of_each


def reliability(labels: Floats, probabilities: Floats, draws: int = _DRAWS) -> Reliability:
    """Calibration and sharpness; the bound is the 95th percentile, or 0.05 from 1,000 on."""
    by_chance = null_ece_percentile(probabilities, np.random.default_rng(SEED), draws=draws)
    return Reliability(
        brier=brier(labels, probabilities),
        ece=ece(labels, probabilities),
        null_ece=null_ece(probabilities, np.random.default_rng(SEED), draws=draws),
        ece_bound=MANY_ECE if len(labels) >= MANY else by_chance,
        log_loss=log_loss(labels, probabilities),
    )


def lower_bound_of(statistic: Callable[[Indices], float], groups: Groups) -> float:
    """The paired bootstrap's lower bound (one-sided, 95 %) of a statistic of rows."""
    interval = bootstrap(statistic, groups.tolist(), np.random.default_rng(SEED), REPLICATES, LEVEL)
    return -np.inf if interval is None else interval.lower
