"""How likely one result is right after what judges said of it, with its credible interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.judges.beta import Beta, even_points
from plimsoll.calibration.judges.correlation import juror_weights
from plimsoll.calibration.judges.rates import Counts, Standing
from plimsoll.domain.confidence import Estimate
from plimsoll.domain.score import Interval, IntervalKind

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Vote:
    """A juror with what labels say of it, and its vote: None where it was asked and is missing."""

    counts: Counts
    passed: bool | None


def _as_is(rate: Beta) -> Beta:
    return rate


def _optimistic(rate: Beta) -> Beta:
    return rate.optimistic()


def right_given(
    *, passed: bool, prevalence: float, sensitivity: float, specificity: float
) -> float:
    """P(right | one verdict) for rates that are known, by Bayes' rule."""
    if passed:
        right, wrong = prevalence * sensitivity, (1.0 - prevalence) * (1.0 - specificity)
    else:
        right, wrong = prevalence * (1.0 - sensitivity), (1.0 - prevalence) * specificity
    return right / (right + wrong)


def posterior(
    votes: Sequence[Vote], correlations: Floats, prevalence: Beta, level: float = 0.95
) -> Estimate:
    """P(right | votes), and the interval that comes of not knowing the rates exactly.

    `correlations` are those of the jurors' errors, shape (n, n) in the order of `votes`. Each
    juror's log-likelihood ratio counts by its weight (see `juror_weights`); with independent
    jurors this is Bayes' rule. A juror that is no better than a coin counts nothing. One that is
    missing adds the spread that its vote could have made, and the others weigh no more for it.

    The point is the mean after Beta(1, 1) priors. The interval spans the credible intervals after
    those and after optimistic ones: Beta(1, 1) alone draws a judge that hardly ever errs towards a
    coin, and covers too little where it has few labels.
    """
    uniform = posterior_logits(votes, correlations, prevalence)
    optimistic = posterior_logits(votes, correlations, prevalence, _optimistic)
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    bounds = np.array([np.quantile(uniform, tails), np.quantile(optimistic, tails)])
    lower, upper = _sigmoid(np.array([bounds[:, 0].min(), bounds[:, 1].max()])).tolist()
    interval = Interval(lower, upper, level, IntervalKind.CREDIBLE)
    return Estimate(float(_sigmoid(uniform).mean()), interval)


def posterior_logits(
    votes: Sequence[Vote],
    correlations: Floats,
    prevalence: Beta,
    prior: Callable[[Beta], Beta] = _as_is,
) -> Floats:
    """Logits of P(right | votes) over what the rates may be, shape (POINTS,)."""
    counted = [n for n, vote in enumerate(votes) if vote.counts.standing != Standing.UNINFORMATIVE]
    points = even_points(1 + 3 * len(votes))
    logits = prevalence.logits(points[:, 0])
    if not counted:
        return logits
    weights = juror_weights(correlations[np.ix_(counted, counted)])
    for weight, n in zip(weights.tolist(), counted, strict=True):
        counts, own = votes[n].counts, points[:, 1 + 3 * n : 4 + 3 * n]
        sensitivity = prior(counts.sensitivity).logits(own[:, 0])
        specificity = prior(counts.specificity).logits(own[:, 1])
        # log q is -log(1 + exp(-logit q)), and log(1 - q) is -log(1 + exp(logit q)).
        passing = np.logaddexp(0.0, specificity) - np.logaddexp(0.0, -sensitivity)
        failing = np.logaddexp(0.0, -specificity) - np.logaddexp(0.0, sensitivity)
        logits = logits + weight * _ratio(votes[n], passing, failing, own[:, 2])
    return logits


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
