"""Credible intervals of a share from counts: quantiles of the beta distribution."""

from __future__ import annotations

import math

from plimsoll.domain.score import Interval, IntervalKind

# Halvings of [0, 1]: more than a double can tell apart.
_HALVINGS = 60
_MAX_TERMS = 10_000
_TINY = 1e-300


def jeffreys_interval(successes: int, failures: int, level: float = 0.9) -> Interval:
    """The central interval of Beta(1/2 + successes, 1/2 + failures): Jeffreys' prior.

    ValueError for counts below 0 or a level outside (0, 1).
    """
    if min(successes, failures) < 0 or not 0.0 < level < 1.0:
        raise ValueError(f"{successes} and {failures} at level {level}: no interval of a share")
    a, b = 0.5 + successes, 0.5 + failures
    tail = (1.0 - level) / 2
    lower, upper = beta_quantile(tail, a, b), beta_quantile(1.0 - tail, a, b)
    return Interval(lower, upper, level, IntervalKind.CREDIBLE)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with P(X <= x) = probability for X of Beta(a, b), by bisection."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if beta_cdf(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_cdf(x: float, a: float, b: float) -> float:
    """P(X <= x) for X of Beta(a, b), the regularised incomplete beta function (DLMF 8.17.22)."""
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    # The fraction converges quickly on this side of the mean; the other is its mirror image.
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the function, by Lentz's method."""
    c, d = 1.0, 1.0 / _away_from_0(1.0 - (a + b) * x / (a + 1.0))
    product = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1.0 / _away_from_0(1.0 + even * d)
        c = _away_from_0(1.0 + even / c)
        product *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1.0 / _away_from_0(1.0 + odd * d)
        c = _away_from_0(1.0 + odd / c)
        product *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return product


def _away_from_0(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
