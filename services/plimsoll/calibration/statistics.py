"""How well confidences tell right from wrong, and whether they are probabilities.

Everywhere labels are 1 (right) or 0 (wrong), scores and probabilities are higher for better,
and both have shape (n,). Ties count by expectation: any order of equal scores gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    return float(np.mean(_null_eces(probabilities, rng, bins, draws)))


def null_ece_percentile(
    probabilities: ArrayLike,
    rng: np.random.Generator,
    percentile: float = 95.0,
    bins: int = 10,
    draws: int = 1_000,
) -> float:
    """What that ECE stays below in `percentile` of 100 cases: above it, chance is no excuse."""
    return float(np.percentile(_null_eces(probabilities, rng, bins, draws), percentile))


def _null_eces(
    probabilities: ArrayLike, rng: np.random.Generator, bins: int, draws: int
) -> list[float]:
    values = np.asarray(probabilities, dtype=float)
    bin_of = _equal_mass(values, bins)
    drawn = rng.random((draws, len(values))) < values
    return [binned_ece(labels, values, bin_of) for labels in drawn]


def log_loss(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean negative log-likelihood (nats), >= 0; infinite where a certainty was wrong."""
    right = np.asarray(labels, dtype=bool)
    values = np.asarray(probabilities, dtype=float)
    with np.errstate(divide="ignore"):
        return float(-np.mean(np.log(np.where(right, values, 1.0 - values))))


@dataclass(frozen=True, slots=True)
class Murphy:
    """The parts of a Brier score over bins: reliability - resolution + uncertainty.

    `within` is what is left because probabilities differ inside a bin; with one bin for each
    distinct probability it is 0.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


def murphy(labels: ArrayLike, probabilities: ArrayLike, bins: int | None = None) -> Murphy:
    """Murphy (1973); bins of equal mass, or one for each distinct probability."""
    right = np.asarray(labels, dtype=float)
    values = np.asarray(probabilities, dtype=float)
    if bins is None:
        _, bin_of = np.unique(values, return_inverse=True)
    else:
        _, bin_of = np.unique(_equal_mass(values, bins), return_inverse=True)
    sizes = np.bincount(bin_of)
    share = sizes / len(right)
    accuracy, claimed = np.bincount(bin_of, right) / sizes, np.bincount(bin_of, values) / sizes
    mean = float(right.mean())
    reliability = float(share @ (claimed - accuracy) ** 2)
    resolution = float(share @ (accuracy - mean) ** 2)
    uncertainty = mean * (1.0 - mean)
    within = brier(right, values) - (reliability - resolution + uncertainty)
    return Murphy(reliability, resolution, uncertainty, within)


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


def e_aurc(labels: ArrayLike, scores: ArrayLike) -> float:
    """AURC above that of an oracle which puts every right one first; 0 is the best there is."""
    return aurc(labels, scores) - aurc(labels, labels)


def prr(labels: ArrayLike, scores: ArrayLike, max_rejection: float = 1.0) -> float:
    """Prediction-rejection ratio: 0 for a random order, 1 for an oracle's.

    The gain in mean accuracy over rejections from 0 to `max_rejection` (1: the full curve; many
    papers stop at 0.5), over an oracle's gain. ValueError where all are right or all are wrong.
    """
    right = np.asarray(labels, dtype=float)
    if right.min() == right.max():
        raise ValueError("PRR needs right and wrong results; give labels of both")
    first = len(right) - max(1, round(max_rejection * len(right)))
    random = 1.0 - float(right.mean())
    ours = float(risk_coverage(right, scores)[first:].mean())
    oracle = float(risk_coverage(right, right)[first:].mean())
    return (random - ours) / (random - oracle)


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
