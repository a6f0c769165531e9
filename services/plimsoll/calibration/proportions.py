"""Exact bounds on a proportion from counts, by Clopper and Pearson (1934)."""

from __future__ import annotations

import math

# Halvings of [0, 1]: more than a double can tell apart.
_HALVINGS = 60


def upper_bound(successes: int, trials: int, level: float) -> float:
    """The one-sided upper bound of a proportion: exceeded with probability at most 1 - level.

    The `level` quantile of Beta(successes + 1, trials - successes). ValueError for counts that
    cannot be.
    """
    _check(successes, trials)
    if successes == trials:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if at_most(successes, trials, middle) > 1.0 - level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def lower_bound(successes: int, trials: int, level: float) -> float:
    """The one-sided lower bound: what the upper bound is to failures."""
    _check(successes, trials)
    return 1.0 - upper_bound(trials - successes, trials, level)


def clopper_pearson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """The two-sided interval; it covers the proportion with probability `level` or more."""
    one_sided = 0.5 + level / 2
    return lower_bound(successes, trials, one_sided), upper_bound(successes, trials, one_sided)


def at_most(successes: int, trials: int, probability: float) -> float:
    """P(a binomial count is at most `successes`), for a probability in (0, 1): its terms summed."""
    log_p, log_q = math.log(probability), math.log1p(-probability)
    whole = math.lgamma(trials + 1)
    return math.fsum(
        math.exp(
            whole
            - math.lgamma(count + 1)
            - math.lgamma(trials - count + 1)
            + count * log_p
            + (trials - count) * log_q
        )
        for count in range(successes + 1)
    )


def _check(successes: int, trials: int) -> None:
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials}: give at least one trial, and no more successes")
