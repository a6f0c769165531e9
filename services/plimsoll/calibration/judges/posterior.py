"""How likely one result is right after what judges said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.judges.beta import Beta, even_points
from plimsoll.calibration.judges.correlation import juror_weights
from plimsoll.calibration.judges.rates import Counts, Standing

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Vote:
    """A juror with what labels say of it, and its vote: None where it was asked and is missing."""

    counts: Counts
    passed: bool | None


def right_given(
    *, passed: bool, prevalence: float, sensitivity: float, specificity: float
) -> float:
    """P(right | one verdict) for rates that are known, by Bayes' rule."""
    if passed:
        right, wrong = prevalence * sensitivity, (1.0 - prevalence) * (1.0 - specificity)
    else:
        right, wrong = prevalence * (1.0 - sensitivity), (1.0 - prevalence) * specificity
    return right / (right + wrong)


def probability(votes: Sequence[Vote], correlations: Floats, prevalence: Beta) -> float:
    """P(right | votes), averaged over what the rates may be.

    `correlations` are those of the jurors' errors, shape (n, n) in the order of `votes`. Each
    juror's log-likelihood ratio counts by its weight (see `juror_weights`); with independent
    jurors this is Bayes' rule. A juror that is no better than a coin counts nothing. One that is
    missing adds the spread that its vote could have made, and the others weigh no more for it.
    """
    return float(_sigmoid(posterior_logits(votes, correlations, prevalence)).mean())


def posterior_logits(votes: Sequence[Vote], correlations: Floats, prevalence: Beta) -> Floats:
    """Logits of P(right | votes) over what the rates may be, shape (POINTS,)."""
    counted = [n for n, vote in enumerate(votes) if vote.counts.standing != Standing.UNINFORMATIVE]
    points = even_points(1 + 3 * len(votes))
    logits = prevalence.logits(points[:, 0])
    if not counted:
        return logits
    signals = _strengths([votes[n].counts for n in counted])
    weights = juror_weights(correlations[np.ix_(counted, counted)], signals)
    for weight, n in zip(weights.tolist(), counted, strict=True):
        counts, own = votes[n].counts, points[:, 1 + 3 * n : 4 + 3 * n]
        sensitivity = counts.sensitivity.logits(own[:, 0])
        specificity = counts.specificity.logits(own[:, 1])
        # log q is -log(1 + exp(-logit q)), and log(1 - q) is -log(1 + exp(logit q)).
        passing = np.logaddexp(0.0, specificity) - np.logaddexp(0.0, -sensitivity)
        failing = np.logaddexp(0.0, -specificity) - np.logaddexp(0.0, sensitivity)
        logits = logits + weight * _ratio(votes[n], passing, failing, own[:, 2])
    return logits


def _strengths(counts: Sequence[Counts]) -> Floats:
    """The jurors' signals; of one that is unmeasured the mean of the others', or 1."""
    found = [None if c.standing is Standing.UNMEASURED else c.strength for c in counts]
    known = [strength for strength in found if strength is not None]
    mean = sum(known) / len(known) if known else 1.0
    return np.array([mean if strength is None else strength for strength in found])


def _ratio(vote: Vote, passing: Floats, failing: Floats, points: Floats) -> Floats:
    """What a juror's vote adds to the logit, or the spread where there is none; shape (n,)."""
    if vote.passed is not None:
        return passing if vote.passed else failing
    spread = np.sqrt(max(float((passing**2).mean()), float((failing**2).mean())))
    return np.asarray(spread * _normal_quantiles(points))


def _normal_quantiles(points: Floats) -> Floats:
    """Of the standard normal, by the inverse of its cumulative sum on a grid."""
    grid = np.linspace(-6.0, 6.0, 2_001)
    density = np.exp(-(grid**2) / 2.0)
    cumulative = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2.0)))
    return np.interp(points, cumulative / cumulative[-1], grid)


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))
