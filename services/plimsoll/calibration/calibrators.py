"""Maps from one raw number to a probability: Platt, beta, isotonic, and Venn-Abers.

Scores lie in [0, 1], higher for better, shape (n,); labels are 1 (right) or 0 (wrong), shape (n,).
Every map is monotone: a higher score never gets a lower probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Scores closer to 0 or 1 count as this close, so that their logits are finite.
CLIP = 1e-6
_STEPS = 100
_RIDGE = 1e-9


class Calibrator(Protocol):
    """A fitted map of scores to probabilities."""

    def __call__(self, scores: ArrayLike) -> Floats:
        """Probabilities in [0, 1], shape (n,)."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """sigmoid(a log s - b log(1 - s) + c) with a, b >= 0; Platt's is the one with a = b."""

    a: float
    b: float
    c: float

    def __call__(self, scores: ArrayLike) -> Floats:
        """Probabilities in (0, 1), shape (n,)."""
        log_s, log_rest = _logs(scores)
        return _sigmoid(self.a * log_s + self.b * log_rest + self.c)


@dataclass(frozen=True, slots=True)
class Steps:
    """Probabilities at rising scores; linear in between, constant outside."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, scores: ArrayLike) -> Floats:
        """Probabilities in [0, 1], shape (n,)."""
        return np.asarray(np.interp(np.asarray(scores), self.scores, self.probabilities))


@dataclass(frozen=True, slots=True)
class VennAbers:
    """The probabilities of being right if the result itself were labelled 0 and 1."""

    lower: float
    upper: float

    @property
    def point(self) -> float:
        """The one probability that loses least against both."""
        return self.upper / (1.0 - self.lower + self.upper)


def fit_platt(labels: ArrayLike, scores: ArrayLike) -> Logistic:
    """Platt (1999) on logits of scores, with his targets (N+ + 1)/(N+ + 2) and 1/(N- + 2)."""
    right = np.asarray(labels, dtype=bool)
    positives, negatives = int(right.sum()), int((~right).sum())
    targets = np.where(right, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    log_s, log_rest = _logs(scores)
    slope, intercept = _non_negative([log_s + log_rest], targets)
    return Logistic(slope, slope, intercept)


def fit_beta(labels: ArrayLike, scores: ArrayLike) -> Logistic:
    """Beta calibration (Kull, Silva Filho and Flach, 2017)."""
    a, b, c = _non_negative(list(_logs(scores)), np.asarray(labels, dtype=float))
    return Logistic(a, b, c)


def fit_isotonic(labels: ArrayLike, scores: ArrayLike) -> Steps:
    """Isotonic regression by pooling adjacent violators; linear between neighbouring scores."""
    levels, means, sizes = _by_score(labels, scores)
    fitted = pooled(means, sizes)
    return Steps(tuple(levels.tolist()), tuple(fitted.tolist()))


def fit_centred_isotonic(labels: ArrayLike, scores: ArrayLike) -> Steps:
    """Centred isotonic regression (Oron and Flournoy, 2017): blocks shrink to their mean score.

    It rises strictly between blocks, so scores that isotonic regression ties stay in order.
    """
    levels, means, sizes = _by_score(labels, scores)
    fitted = pooled(means, sizes)
    values, block = np.unique(fitted, return_inverse=True)
    centres = np.bincount(block, levels * sizes) / np.bincount(block, sizes)
    return Steps(tuple(centres.tolist()), tuple(values.tolist()))


def venn_abers(labels: ArrayLike, scores: ArrayLike, score: float) -> VennAbers:
    """Inductive Venn-Abers (Vovk, Petej and Fedorova, 2015) for one score.

    `labels` and `scores` are of calibration results; the width of the pair is how little they
    say at this score. Valid where results are exchangeable.
    """
    known, at = np.asarray(labels, dtype=float), np.asarray(scores, dtype=float)
    pair = []
    for label in (0.0, 1.0):
        levels, means, sizes = _by_score(np.append(known, label), np.append(at, score))
        fitted = pooled(means, sizes)
        pair.append(float(fitted[np.searchsorted(levels, score)]))
    return VennAbers(*pair)


def pooled(means: Floats, sizes: Floats) -> Floats:
    """The nearest sequence that never falls, by weighted squares; shape (n,)."""
    blocks: list[tuple[float, float, int]] = []
    for mean, size in zip(means.tolist(), sizes.tolist(), strict=True):
        value, mass, width = mean, size, 1
        while blocks and blocks[-1][0] >= value:
            earlier, earlier_mass, earlier_width = blocks.pop()
            value = (earlier * earlier_mass + value * mass) / (earlier_mass + mass)
            mass, width = mass + earlier_mass, width + earlier_width
        blocks.append((value, mass, width))
    return np.repeat([value for value, _, _ in blocks], [width for _, _, width in blocks])


def _by_score(labels: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Distinct scores in rising order, the mean label of each, and how many have it."""
    levels, of, sizes = np.unique(
        np.asarray(scores, dtype=float), return_inverse=True, return_counts=True
    )
    means = np.bincount(of, np.asarray(labels, dtype=float)) / sizes
    return levels, means, sizes.astype(float)


def _logs(scores: ArrayLike) -> tuple[Floats, Floats]:
    clipped = np.clip(np.asarray(scores, dtype=float), CLIP, 1 - CLIP)
    return np.log(clipped), -np.log1p(-clipped)


def _non_negative(features: Sequence[Floats], targets: Floats) -> tuple[float, ...]:
    """Slopes (>= 0) and intercept of a logistic regression; a slope that would fall is 0."""
    kept = list(range(len(features)))
    while True:
        solution = _newton([features[index] for index in kept], targets)
        worst = min(range(len(kept)), key=lambda place: solution[place], default=None)
        if worst is None or solution[worst] >= 0.0:
            break
        kept.pop(worst)
    slopes = [0.0] * len(features)
    for place, index in enumerate(kept):
        slopes[index] = float(solution[place])
    return (*slopes, float(solution[-1]))


def _newton(features: Sequence[Floats], targets: Floats) -> Floats:
    """Newton's method with halved steps; a hair of ridge keeps separable labels finite."""
    design = np.column_stack([*features, np.ones(len(targets))])
    theta = np.zeros(design.shape[1])

    def loss(at: Floats) -> float:
        logits = design @ at
        return float((np.logaddexp(0.0, logits) - targets * logits).sum() + _RIDGE * (at @ at))

    for _ in range(_STEPS):
        p = _sigmoid(design @ theta)
        gradient = design.T @ (p - targets) + 2 * _RIDGE * theta
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 2 * _RIDGE * np.eye(len(theta))
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-8 and loss(theta - size * step) > loss(theta):
            size /= 2
        theta = theta - size * step
        if float(np.abs(size * step).max()) < 1e-10:
            break
    return theta


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))
