"""Judges one after the other, each asked only where those before it were not sure enough."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def sureness(probabilities: ArrayLike) -> Floats:
    """How sure a probability of being right is, either way: max(p, 1 - p), same shape."""
    values = np.asarray(probabilities, dtype=float)
    return np.asarray(np.maximum(values, 1.0 - values))


def last_stages(probabilities: ArrayLike, thresholds: Sequence[float]) -> Indices:
    """The stage at which each result stops, shape (n,).

    `probabilities` has shape (n, stages): P(right) after each stage if it is reached. A result
    stops at the first stage that is as sure as its threshold; the last stage stops them all, so
    there is one threshold fewer than there are stages.
    """
    sure = sureness(probabilities)
    stops = sure[:, :-1] >= np.asarray(thresholds, dtype=float)
    stops = np.column_stack([stops, np.ones(len(sure), dtype=bool)])
    return np.asarray(stops.argmax(axis=1))


def mean_price(stages: Indices, prices: ArrayLike) -> float:
    """What a result costs on average: `prices` has shape (n, stages), of each stage alone."""
    paid = np.cumsum(np.asarray(prices, dtype=float), axis=1)
    return float(paid[np.arange(len(stages)), stages].mean())


def threshold_grid(stages: int, values: Sequence[float]) -> list[tuple[float, ...]]:
    """Every choice of thresholds for so many stages; a value above 1 always goes on."""
    return list(product(values, repeat=stages - 1))
