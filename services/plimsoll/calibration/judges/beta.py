"""Beta posteriors, and points that cover them evenly: the same in every process."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count, islice

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Points at which posteriors are looked at; quantiles at 5 % and 95 % then hold to about 0.002.
POINTS = 4_096
_GRID = 2_001
# Half the grid's width in standard deviations; a density that falls like exp(x) needs the most.
_REACH = 14.0


@dataclass(frozen=True, slots=True)
class Beta:
    """A Beta(a, b) distribution of a rate; Beta(1, 1) knows nothing."""

    a: float = 1.0
    b: float = 1.0

    @property
    def mean(self) -> float:
        """The expected rate."""
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> float:
        """Of the rate."""
        return self.mean * (1.0 - self.mean) / (self.a + self.b + 1.0)

    def after(self, successes: float, failures: float) -> Beta:
        """What is known of the rate after these."""
        return Beta(self.a + successes, self.b + failures)

    def interval(self, level: float) -> tuple[float, float]:
        """The equal-tailed credible interval."""
        tails = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
        lower, upper = _sigmoid(self.logits(tails)).tolist()
        return lower, upper

    def logits(self, quantiles: Floats) -> Floats:
        """Logits of the rate at quantiles in (0, 1), shape (n,); by quadrature on the logit."""
        centre = math.log(self.a / self.b)
        deviation = math.sqrt(1.0 / self.a + 1.0 / self.b)
        grid = centre + np.linspace(-_REACH, _REACH, _GRID) * deviation
        log_density = -self.a * np.logaddexp(0.0, -grid) - self.b * np.logaddexp(0.0, grid)
        density = np.exp(log_density - log_density.max())
        cumulative = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2.0)))
        return np.interp(quantiles, cumulative / cumulative[-1], grid)


@cache
def even_points(dimensions: int, points: int = POINTS) -> Floats:
    """Points that fill the unit cube evenly, shape (points, dimensions), all inside (0, 1).

    Multiples of square roots of primes modulo 1 (Richtmyer, 1951), which take the place of random
    draws: their mean error falls faster, and no generator can change them.
    """
    roots = np.sqrt(np.array(list(islice(_primes(), dimensions)), dtype=float))
    fractions = (np.arange(1, points + 1)[:, None] * roots[None, :]) % 1.0
    inside: Floats = np.clip(fractions, 0.5 / points, 1.0 - 0.5 / points)
    inside.setflags(write=False)
    return inside


def _primes() -> Iterator[int]:
    return (n for n in count(2) if all(n % d for d in range(2, math.isqrt(n) + 1)))


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))
