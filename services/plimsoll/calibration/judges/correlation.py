"""How far jurors err together: error correlations, the effective number of jurors, weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.verdicts import JudgeKey, LabelledVerdict

Floats = NDArray[np.float64]

# Jurors that nobody has compared err together as much as three models of 2023 did on 500 items
# (.51 to .61; data of Trust or Escalate, arXiv:2407.18370).
PRIOR_CORRELATION = 0.5
# Items after which the measured correlation weighs as much as that one.
_PRIOR_ITEMS = 20.0
# The least eigenvalue that a matrix of correlations is given.
_LEAST = 0.02


def effective_number(jurors: int, correlation: float) -> float:
    """As many independent jurors would know as much: n / (1 + (n - 1) rho).

    `correlation` is the mean of the pairs'; below 0 counts as 0, so that n is the most.
    """
    return jurors / (1.0 + (jurors - 1) * max(0.0, correlation))


def mean_correlation(matrix: Floats) -> float:
    """The mean over pairs of an (n, n) matrix of correlations; 0 for a single juror."""
    pairs = matrix[np.triu_indices(len(matrix), 1)]
    return float(pairs.mean()) if len(pairs) else 0.0


def juror_weights(matrix: Floats, strengths: Floats | None = None) -> Floats:
    """Weights of jurors' log-likelihood ratios, shape (n,), none below 0.

    Sigma^-1 d / d, over the jurors that keep a weight above 0, is what a linear discriminant gives
    jurors whose signals d stand in noise that is correlated by Sigma; `strengths` are d, above 0.
    For jurors that are all as strong (None) it is Sigma^-1 1: independent ones get 1 each, as
    naive Bayes would have it, n that err alike 1/n each, and the sum is the effective number.
    """
    signals = np.ones(len(matrix)) if strengths is None else strengths
    kept = list(range(len(matrix)))
    while True:
        solved = np.linalg.solve(matrix[np.ix_(kept, kept)], signals[kept]) / signals[kept]
        lowest = int(solved.argmin())
        if solved[lowest] >= 0.0:
            break
        kept.pop(lowest)
    weights = np.zeros(len(matrix))
    weights[kept] = solved
    return weights


def pair_correlations(
    verdicts: Sequence[LabelledVerdict], judges: Sequence[JudgeKey]
) -> Mapping[tuple[JudgeKey, JudgeKey], float]:
    """Correlations of errors by pair, first key before second; for pairs with common items.

    Errors are centred within right and within wrong items: that a judge errs more often on one
    kind is its sensitivity and specificity, not something it shares. Shrunk towards
    PRIOR_CORRELATION by how few items both have judged.
    """
    errors = {judge: _centred(verdicts, judge) for judge in judges}
    pairs = ((a, b) for a, b in combinations(sorted(judges), 2) if errors[a].keys() & errors[b])
    return {(a, b): _shrunk(errors[a], errors[b]) for a, b in pairs}


def definite(matrix: Floats) -> Floats:
    """The matrix with its eigenvalues lifted where pairs that share few items contradict."""
    values, vectors = np.linalg.eigh(matrix)
    if values.min() >= _LEAST:
        return matrix
    lifted = (vectors * np.maximum(values, _LEAST)) @ vectors.T
    scale = np.sqrt(np.diag(lifted))
    return np.asarray(lifted / np.outer(scale, scale))


def _centred(verdicts: Sequence[LabelledVerdict], judge: JudgeKey) -> Mapping[str, float]:
    """The judge's error on each item, less its error rate on items of that label."""
    by_item: dict[str, list[float]] = {}
    labels: dict[str, bool] = {}
    for verdict in verdicts:
        if verdict.judge == judge:
            by_item.setdefault(verdict.item, []).append(float(verdict.passed != verdict.right))
            labels[verdict.item] = verdict.right
    means = {item: sum(errors) / len(errors) for item, errors in by_item.items()}
    centred: dict[str, float] = {}
    for label in (False, True):
        items = sorted(item for item, right in labels.items() if right is label)
        rate = sum(means[item] for item in items) / max(1, len(items))
        centred.update({item: means[item] - rate for item in items})
    return centred


def _shrunk(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    common = sorted(first.keys() & second.keys())
    a = np.array([first[item] for item in common])
    b = np.array([second[item] for item in common])
    scale = float(np.sqrt((a @ a) * (b @ b)))
    # Where one of them never erred, nothing is known of errors that they share.
    measured, items = (float(a @ b) / scale, len(common)) if scale > 0.0 else (0.0, 0)
    return (items * measured + _PRIOR_ITEMS * PRIOR_CORRELATION) / (items + _PRIOR_ITEMS)
