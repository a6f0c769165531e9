"""Beta posteriors and evenly spread points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import beta

from plimsoll.calibration.judges.beta import Beta, even_points


@pytest.mark.parametrize(("a", "b"), [(1, 1), (0.5, 0.5), (1, 30.5), (91, 11), (40_000, 3)])
def test_quantiles_are_those_of_the_distribution(a: float, b: float) -> None:
    """From the first to the last per cent they agree with an exact inverse to 0.0002."""
    at = np.linspace(0.01, 0.99, 99)
    assert expit(Beta(a, b).logits(at)) == pytest.approx(beta.ppf(at, a, b), abs=2e-4)
    assert Beta(a, b).interval(0.9) == pytest.approx(beta.ppf([0.05, 0.95], a, b), abs=2e-4)


def test_points_are_even_in_every_direction() -> None:
    """Each of sixteen coordinates, and each product of two, has the mean of a uniform one."""
    points = even_points(16)
    assert ((points > 0) & (points < 1)).all()
    assert points.mean(axis=0) == pytest.approx(np.full(16, 0.5), abs=2e-3)
    products = (points.T @ points) / len(points)
    off_diagonal = products[~np.eye(16, dtype=bool)]
    assert off_diagonal == pytest.approx(np.full(240, 0.25), abs=8e-3)


def test_moments_are_those_of_the_distribution() -> None:
    """Mean and variance agree with the textbook's."""
    assert Beta(91, 11).mean == pytest.approx(beta.mean(91, 11))
    assert Beta(91, 11).variance == pytest.approx(beta.var(91, 11))
