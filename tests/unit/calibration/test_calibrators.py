"""Calibrators: golden vectors, monotone maps, and what they recover."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize

from plimsoll.calibration.calibrators import (
    Calibrator,
    fit_beta,
    fit_centred_isotonic,
    fit_isotonic,
    fit_platt,
    venn_abers,
)

SCORES = [0.1, 0.2, 0.35, 0.4, 0.6, 0.65, 0.8, 0.9]
LABELS = [0, 0, 1, 0, 1, 0, 1, 1]
Fitter = Callable[[list[int], list[float]], Calibrator]
FITTERS = [fit_platt, fit_beta, fit_isotonic, fit_centred_isotonic]


@pytest.mark.parametrize(
    ("score", "lower", "upper", "point"), [(0.7, 0.4, 1.0, 0.625), (0.3, 0.0, 0.6, 0.375)]
)
def test_the_golden_venn_abers(score: float, lower: float, upper: float, point: float) -> None:
    """Eight calibration results give (.4, 1.0, .625) at .7 and (0, .6, .375) at .3."""
    found = venn_abers(LABELS, SCORES, score)
    assert (found.lower, found.upper, found.point) == pytest.approx((lower, upper, point))


def test_isotonic_regression_pools_what_falls() -> None:
    """Of right at .35 and wrong at .4 it makes one half each, and of .6 and .65 as well."""
    found = fit_isotonic(LABELS, SCORES)
    assert found.probabilities == (0.0, 0.0, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0)


def test_centred_isotonic_regression_has_no_plateau_inside() -> None:
    """Blocks stand at their mean score, so between them every higher score gets more."""
    found = fit_centred_isotonic(LABELS, SCORES)
    assert found.scores == pytest.approx((0.15, 0.5, 0.85))
    assert found.probabilities == (0.0, 0.5, 1.0)
    assert found([0.35, 0.4]).tolist() == pytest.approx([0.2857142857, 0.3571428571])


@pytest.mark.parametrize("fitter", FITTERS)
def test_a_higher_score_never_gets_less(fitter: Fitter) -> None:
    """Even where the labels say the opposite of the scores."""
    grid = np.linspace(0.0, 1.0, 101)
    for labels in (LABELS, LABELS[::-1]):
        found = fitter(labels, SCORES)(grid)
        assert np.all(np.diff(found) >= 0.0)
        assert np.all((found >= 0.0) & (found <= 1.0))


def test_platt_finds_the_slope_that_made_the_labels() -> None:
    """Of 20,000 labels drawn from sigmoid(0.5 logit(s) + 1) it finds both numbers."""
    rng = np.random.default_rng(3)
    scores = rng.uniform(0.02, 0.98, 20_000)
    logits = 0.5 * np.log(scores / (1 - scores)) + 1.0
    labels = rng.random(20_000) < 1 / (1 + np.exp(-logits))
    found = fit_platt(labels, scores)
    assert found.a == found.b == pytest.approx(0.5, abs=0.05)
    assert found.c == pytest.approx(1.0, abs=0.05)


def test_platt_uses_his_targets() -> None:
    """Labels that the scores separate wholly still give probabilities short of 0 and 1."""
    found = fit_platt([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])([0.1, 0.9])
    assert found[0] == pytest.approx(0.25, abs=0.05)
    assert found[1] == pytest.approx(0.75, abs=0.05)


def test_beta_calibration_is_the_best_of_its_form() -> None:
    """A general optimiser under the same bounds reaches the same log-loss and no lower one."""
    rng = np.random.default_rng(5)
    scores = rng.uniform(0.05, 0.95, 400)
    labels = (rng.random(400) < scores**2).astype(float)

    def loss(theta: np.ndarray) -> float:
        logits = theta[0] * np.log(scores) - theta[1] * np.log1p(-scores) + theta[2]
        return float((np.logaddexp(0.0, logits) - labels * logits).sum())

    found = fit_beta(labels, scores)
    other = minimize(loss, [1.0, 1.0, 0.0], bounds=[(0, None), (0, None), (None, None)])
    assert loss(np.array([found.a, found.b, found.c])) == pytest.approx(other.fun, abs=1e-4)


def test_the_pair_closes_in_as_labels_come() -> None:
    """The width of a Venn-Abers pair is wide on 8 labels and narrow on 800."""
    few = venn_abers(LABELS, SCORES, 0.6)
    many = venn_abers(LABELS * 100, SCORES * 100, 0.6)
    assert few.upper - few.lower > 0.2
    assert many.upper - many.lower < 0.05
