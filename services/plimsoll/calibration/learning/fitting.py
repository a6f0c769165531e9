"""Platt's map under a prior that says: what is there already is right."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from plimsoll.calibration.combine import sigmoid
from plimsoll.domain.learned import LearnedCalibration, ScopeKey

MIN_LABELS = 50
MIN_OF_RARER = 10
# Older ones are forgotten: a stream changes.
MOST_LABELS = 5_000
_LEAST_SLOPE = 0.05
# Normal, about the identity: standard deviations of 1 (intercept) and 0.5 (slope).
_INTERCEPT_PRECISION = 1.0
_SLOPE_PRECISION = 4.0
_STEPS = 50
_CLOSE = 1e-10

# The logit of an unlearned point, and whether the result is right.
Labelled = tuple[float, bool]
# Of the loss: the gradient, and the Hessian's upper triangle.
_Derivatives = tuple[float, float, float, float, float]
_Step = Callable[[_Derivatives], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Map:
    """sigmoid(intercept + slope x), with the posterior's variances and covariance."""

    intercept: float
    slope: float
    intercept_variance: float
    covariance: float
    slope_variance: float


def fit_map(labelled: Sequence[Labelled]) -> Map:
    """The most probable map and its inverse Hessian; the same for any order of labels.

    Platt's targets (1999), a normal prior about the identity, and a slope of 0.05 at least, so that
    more never means less.
    """
    right = sum(correct for _, correct in labelled)
    high, low = (right + 1) / (right + 2), 1 / (len(labelled) - right + 2)
    points = [(x, high if correct else low) for x, correct in labelled]
    intercept, slope = _minimum(points, 0.0, 1.0, _both)
    if slope < _LEAST_SLOPE:
        intercept, slope = _minimum(points, intercept, _LEAST_SLOPE, _intercept_alone)
    _, _, h00, h01, h11 = _derivatives(points, intercept, slope)
    determinant = h00 * h11 - h01 * h01
    return Map(intercept, slope, h11 / determinant, -h01 / determinant, h00 / determinant)


def fit(key: ScopeKey, labelled: Sequence[Labelled], time: datetime) -> LearnedCalibration:
    """The calibration that these labels teach, named by what it says and of what."""
    fitted = fit_map(labelled)
    right = sum(correct for _, correct in labelled)
    told = json.dumps(
        [
            str(key),
            fitted.intercept,
            fitted.slope,
            fitted.intercept_variance,
            fitted.covariance,
            fitted.slope_variance,
            len(labelled),
            right,
        ]
    )
    return LearnedCalibration(
        calibration_id=f"calibrated-{hashlib.sha256(told.encode()).hexdigest()[:16]}",
        intercept=fitted.intercept,
        slope=fitted.slope,
        intercept_variance=fitted.intercept_variance,
        covariance=fitted.covariance,
        slope_variance=fitted.slope_variance,
        labels=len(labelled),
        right=right,
        fit_time=time,
    )


def _minimum(
    points: Sequence[tuple[float, float]], intercept: float, slope: float, step: _Step
) -> tuple[float, float]:
    """Newton's method with halved steps; the loss is convex, so it ends at the one minimum."""
    at = _loss(points, intercept, slope)
    for _ in range(_STEPS):
        d0, d1 = step(_derivatives(points, intercept, slope))
        if max(abs(d0), abs(d1)) < _CLOSE:
            break
        while (new := _loss(points, intercept - d0, slope - d1)) > at:
            d0, d1 = d0 / 2.0, d1 / 2.0
            if max(abs(d0), abs(d1)) < _CLOSE:
                return intercept, slope
        intercept, slope, at = intercept - d0, slope - d1, new
    return intercept, slope


def _both(derivatives: _Derivatives) -> tuple[float, float]:
    """Newton's step of intercept and slope."""
    g0, g1, h00, h01, h11 = derivatives
    determinant = h00 * h11 - h01 * h01
    return (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant


def _intercept_alone(derivatives: _Derivatives) -> tuple[float, float]:
    """Newton's step where the slope is held."""
    return derivatives[0] / derivatives[2], 0.0


def _loss(points: Sequence[tuple[float, float]], intercept: float, slope: float) -> float:
    """Minus the logarithm of the posterior; exact sums, so that no order of labels matters."""
    prior = 0.5 * (_INTERCEPT_PRECISION * intercept**2 + _SLOPE_PRECISION * (slope - 1.0) ** 2)
    terms = (_softplus(intercept + slope * x) - t * (intercept + slope * x) for x, t in points)
    return prior + math.fsum(terms)


def _softplus(logit: float) -> float:
    return max(0.0, logit) + math.log1p(math.exp(-abs(logit)))


def _derivatives(
    points: Sequence[tuple[float, float]], intercept: float, slope: float
) -> _Derivatives:
    """Exact sums, as of the loss."""
    residuals, weights = [], []
    for x, target in points:
        p = sigmoid(intercept + slope * x)
        residuals.append(p - target)
        weights.append(p * (1.0 - p))
    xs = [x for x, _ in points]
    weighted = [w * x for w, x in zip(weights, xs, strict=True)]
    return (
        math.fsum(residuals) + _INTERCEPT_PRECISION * intercept,
        math.fsum(r * x for r, x in zip(residuals, xs, strict=True))
        + _SLOPE_PRECISION * (slope - 1.0),
        math.fsum(weights) + _INTERCEPT_PRECISION,
        math.fsum(weighted),
        math.fsum(w * x for w, x in zip(weighted, xs, strict=True)) + _SLOPE_PRECISION,
    )
