"""The map that labels teach."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy.optimize import minimize

from plimsoll.calibration.learning.fitting import Labelled, fit, fit_map
from tests.unit.calibration.learning.values import SCOPE, START


def drawn(count: int, intercept: float, slope: float, seed: int = 5) -> list[Labelled]:
    """Logits of points with labels that follow the map."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(1.0, 1.5, count)
    right = rng.random(count) < 1 / (1 + np.exp(-(intercept + slope * logits)))
    return list(zip(logits.tolist(), right.tolist(), strict=True))


def loss(theta: np.ndarray, labelled: list[Labelled]) -> float:
    """Minus the logarithm of the posterior, written anew."""
    x = np.array([x for x, _ in labelled])
    y = np.array([right for _, right in labelled])
    target = np.where(y, (y.sum() + 1) / (y.sum() + 2), 1 / ((~y).sum() + 2))
    eta = theta[0] + theta[1] * x
    prior = theta[0] ** 2 / 2 + (theta[1] - 1) ** 2 / (2 * 0.5**2)
    return float(prior + (np.logaddexp(0, eta) - target * eta).sum())


@pytest.mark.parametrize("count", [50, 400])
def test_the_map_is_the_most_probable_one(count: int) -> None:
    """An optimiser that knows nothing of Newton finds the same minimum."""
    labelled = drawn(count, -0.8, 0.5)
    fitted = fit_map(labelled)
    found = minimize(loss, [0.0, 1.0], args=(labelled,), method="Nelder-Mead", tol=1e-10)
    assert (fitted.intercept, fitted.slope) == pytest.approx(tuple(found.x), abs=1e-5)


def test_the_covariance_is_the_inverse_of_the_curvature() -> None:
    """By second differences of the loss."""
    labelled, step = drawn(300, -0.3, 0.8), 1e-3
    fitted = fit_map(labelled)
    at = np.array([fitted.intercept, fitted.slope])

    def second(i: int, j: int) -> float:
        e, f = np.eye(2)[i] * step, np.eye(2)[j] * step
        ends = loss(at + e + f, labelled) + loss(at - e - f, labelled)
        return (ends - loss(at + e - f, labelled) - loss(at - e + f, labelled)) / (4 * step**2)

    inverse = np.linalg.inv([[second(0, 0), second(0, 1)], [second(1, 0), second(1, 1)]])
    assert fitted.intercept_variance == pytest.approx(inverse[0, 0], rel=1e-3)
    assert fitted.covariance == pytest.approx(inverse[0, 1], rel=1e-3)
    assert fitted.slope_variance == pytest.approx(inverse[1, 1], rel=1e-3)


def test_many_labels_find_the_truth() -> None:
    """5,000 labels bring both numbers to within four of their own standard deviations."""
    fitted = fit_map(drawn(5_000, -0.8, 0.5))
    assert abs(fitted.intercept + 0.8) < 4 * math.sqrt(fitted.intercept_variance)
    assert abs(fitted.slope - 0.5) < 4 * math.sqrt(fitted.slope_variance)


def test_the_order_of_labels_decides_nothing() -> None:
    """To the last bit, and so neither does how a topic's partitions were read."""
    labelled = drawn(200, -0.8, 0.5)
    turned = labelled.copy()
    random.Random(1).shuffle(turned)
    assert fit(SCOPE, labelled, START) == fit(SCOPE, turned, START)


def test_more_never_comes_to_mean_less() -> None:
    """Labels that go against the points flatten the map, and never turn it."""
    fitted = fit_map([(x, x < 0) for x in (-2.0, -1.0, 1.0, 2.0) for _ in range(100)])
    assert fitted.slope == 0.05


@pytest.mark.parametrize("labelled", [[(3.0, True)] * 50, [(15.0, False)] * 40, [(0.0, True)]])
def test_labels_that_say_the_same_leave_the_map_finite(labelled: list[Labelled]) -> None:
    """The prior holds what labels leave open."""
    fitted = fit_map(labelled)
    assert abs(fitted.intercept) < 10
    assert 0.05 <= fitted.slope < 3
    assert 0 < fitted.intercept_variance <= 1.0 + 1e-9
    assert 0 < fitted.slope_variance <= 0.25 + 1e-9


def test_another_scope_or_another_label_is_another_calibration() -> None:
    """IDs name what is said and of what."""
    labelled = drawn(100, -0.8, 0.5)
    more = [*labelled, (0.5, True)]
    assert fit(SCOPE, labelled, START).calibration_id != fit(SCOPE, more, START).calibration_id
