"""How well confidences tell right from wrong, and whether they are probabilities.

Everywhere labels are 1 (right) or 0 (wrong), scores and probabilities are higher for better,
and both have shape (n,). Ties count by expectation: any order of equal scores gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plimsoll.domain.score import Interval, IntervalKind

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    """P(a right one scores above a wrong one), ties half; ValueError with one class only."""
    right = np.asarray(labels, dtype=bool)
    positives, negatives = int(right.sum()), int((~right).sum())
    if not positives or not negatives:
        raise ValueError("AUROC needs right and wrong results; give labels of both")
    _, tie, sizes = np.unique(np.asarray(scores), return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(sizes) - (sizes - 1) / 2
    ranks = float(mean_ranks[tie][right].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def brier(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean squared distance of probabilities from labels, in [0, 1]."""
    difference = np.asarray(probabilities, dtype=float) - np.asarray(labels, dtype=float)
    return float(np.mean(difference**2))


def ece(labels: ArrayLike, probabilities: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass, in [0, 1]."""
    values = np.asarray(probabilities, dtype=float)
    return binned_ece(labels, values, _equal_mass(values, bins))


def binned_ece(labels: ArrayLike, probabilities: ArrayLike, bin_of: ArrayLike) -> float:
    """Sum over bins of (n_b / n) |accuracy - mean probability|; `bin_of` has shape (n,)."""
    gaps = np.asarray(labels, dtype=float) - np.asarray(probabilities, dtype=float)
    return float(np.abs(np.bincount(np.asarray(bin_of), weights=gaps)).sum() / len(gaps))


def null_ece(
    probabilities: ArrayLike, rng: np.random.Generator, bins: int = 10, draws: int = 1_000
) -> float:
    """The ECE that a perfectly calibrated model would show at this n: what chance alone makes."""
    values = np.asarray(probabilities, dtype=float)
    bin_of = _equal_mass(values, bins)
    drawn = rng.random((draws, len(values))) < values
    return float(np.mean([binned_ece(labels, values, bin_of) for labels in drawn]))


def risk_coverage(labels: ArrayLike, scores: ArrayLike) -> Floats:
    """Error rate among the best 1, 2, ... n by score; shape (n,)."""
    wrong = 1.0 - np.asarray(labels, dtype=float)
    # Negated, so that the best come first.
    _, tie, sizes = np.unique(-np.asarray(scores), return_inverse=True, return_counts=True)
    expected = np.bincount(tie, weights=wrong) / sizes
    return np.cumsum(np.repeat(expected, sizes)) / np.arange(1, len(wrong) + 1)


def aurc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the risk-coverage curve: the mean error rate over all coverages."""
    return float(risk_coverage(labels, scores).mean())


def risk_at(labels: ArrayLike, scores: ArrayLike, coverage: float) -> float:
    """Error rate among the best `coverage` (0 to 1) by score, at least one of them."""
    risks = risk_coverage(labels, scores)
    return float(risks[max(1, round(coverage * len(risks))) - 1])


def bootstrap(
    statistic: Callable[[Indices], float],
    groups: Sequence[str],
    rng: np.random.Generator,
    replicates: int = 1_000,
    level: float = 0.9,
) -> Interval | None:
    """Percentile interval of a statistic of row indices, drawing whole groups with replacement.

    Rows of one group stand or fall together. Replicates for which the statistic raises
    ValueError are left out; None where more than half are.
    """
    _, group_of = np.unique(np.asarray(groups), return_inverse=True)
    rows = np.argsort(group_of, kind="stable")
    members = np.split(rows, np.cumsum(np.bincount(group_of))[:-1])
    values = []
    for _ in range(replicates):
        drawn = rng.integers(len(members), size=len(members))
        try:
            values.append(statistic(np.concatenate([members[group] for group in drawn])))
        except ValueError:
            continue
    if 2 * len(values) < replicates:
        return None
    lower, upper = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(lower), float(upper), level, IntervalKind.BOOTSTRAP)


def _equal_mass(values: Floats, bins: int) -> Indices:
    """The bin of each value; equal values share one, so the order of rows does not matter."""
    _, tie, sizes = np.unique(values, return_inverse=True, return_counts=True)
    middles = np.cumsum(sizes) - (sizes + 1) / 2
    return np.asarray((middles * bins // len(values)).astype(np.intp)[tie])
