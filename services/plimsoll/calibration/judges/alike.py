"""Between which bounds P(right) lies, by the labelled items that got exactly the same votes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.judges.beta import Beta, even_points
from plimsoll.domain.score import Interval, IntervalKind

Floats = NDArray[np.float64]

# The imaginary item at the far end of each rate: less than one, so that the bound is nearly the
# exact one of Clopper and Pearson, and above 0, so that it stays inside (0, 1).
_TRACE = 0.1


@dataclass(frozen=True, slots=True)
class Alike:
    """Labelled items that a panel has judged: how many got these votes, of how many.

    Apart for those that are right and those that are wrong.
    """

    right: float = 0.0
    right_of: float = 0.0
    wrong: float = 0.0
    wrong_of: float = 0.0


def spanned(cases: Iterable[Alike], prevalence: Beta, level: float) -> Interval:
    """The interval that holds P(right | votes) in each of the cases.

    A case is one way in which missing jurors may have voted, so that whatever they would have
    said, the interval would not be wider. Nothing is assumed of how jurors err together: votes
    that no labelled item got leave nearly everything open. ValueError for no case.
    """
    bounds = [_bounds(case, prevalence, level) for case in cases]
    if not bounds:
        raise ValueError("no case to bound; give the votes of at least one")
    lower, upper = min(low for low, _ in bounds), max(high for _, high in bounds)
    return Interval(_sigmoid(lower), _sigmoid(upper), level, IntervalKind.CREDIBLE)


def _bounds(case: Alike, prevalence: Beta, level: float) -> tuple[float, float]:
    """Logits: prior odds times P(votes | right) / P(votes | wrong), each rate at its far end."""
    points = even_points(3)
    prior = prevalence.logits(points[:, 0])
    right_high = _log_rate(_high(case.right, case.right_of), points[:, 1])
    right_low = _log_rate(_low(case.right, case.right_of), points[:, 1])
    wrong_high = _log_rate(_high(case.wrong, case.wrong_of), points[:, 2])
    wrong_low = _log_rate(_low(case.wrong, case.wrong_of), points[:, 2])
    tail = (1.0 - level) / 2.0
    lower = float(np.quantile(prior + right_low - wrong_high, tail))
    upper = float(np.quantile(prior + right_high - wrong_low, 1.0 - tail))
    return lower, upper


def _low(count: float, of: float) -> Beta:
    return Beta(count + _TRACE, of - count + 1.0)


def _high(count: float, of: float) -> Beta:
    return Beta(count + 1.0, max(of - count, 0.5))


def _log_rate(rate: Beta, points: Floats) -> Floats:
    return np.asarray(-np.logaddexp(0.0, -rate.logits(points)))


def _sigmoid(logit: float) -> float:
    return float(0.5 * (1.0 + np.tanh(0.5 * logit)))
