"""How often promises fail, how often they are taken back in error, and how soon where they broke.

`pytest -s` shows the figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from plimsoll.calibration.learning.fitting import fit_map
from plimsoll.calibration.learning.promising import (
    FIRST_ATTEMPT,
    attempt_level,
    laxest_certified,
)
from plimsoll.calibration.risk_watch import MEMORY, RiskWatch
from plimsoll.calibration.selective import CANDIDATES

TRIALS = 2_000
DELTA = 0.1
ATTEMPTS = 4
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Risk among results at or above each candidate, and the chance that one is wrong at its point.
# Points lie on the grid, more of them high; `steady` errs just over .1 everywhere, `rising` errs
# more the lower the point, `dipping` errs most where it is surest, `crossing` gets over .1 halfway.
GRID = np.array(CANDIDATES)
SHARE = GRID**4 / (GRID**4).sum()
STREAMS = {
    "steady": np.full(len(GRID), 0.101),
    "rising": 0.02 + 0.6 * (1 - GRID),
    "dipping": np.where(GRID > 0.97, 0.2, np.where(GRID > 0.9, 0.03, 0.2)),
    "crossing": np.where(GRID > 0.8, 0.06, 0.25),
}


def certified(wrong: Floats, rng: np.random.Generator) -> Iterator[float]:
    """Thresholds that the attempts of one promise of .1 certify."""
    at = rng.choice(len(GRID), FIRST_ATTEMPT * 2 ** (ATTEMPTS - 1), p=SHARE)
    points, right = GRID[at].tolist(), (rng.random(len(at)) >= wrong[at]).astype(int).tolist()
    for attempt in range(1, ATTEMPTS + 1):
        count = FIRST_ATTEMPT * 2 ** (attempt - 1)
        level = attempt_level(attempt, DELTA)
        found = laxest_certified(right[:count], points[:count], 0.1, level, attempt)
        if found is not None:
            yield found.threshold


@pytest.mark.parametrize(
    ("stream", "trials"),
    [("steady", TRIALS), ("rising", 1_000), ("dipping", 1_000), ("crossing", 1_000)],
)
def test_a_promise_fails_as_rarely_as_it_says(stream: str, trials: int) -> None:
    """Of 2,000 epochs of four attempts, fewer than one in ten has ever a false certificate.

    Even at a risk of .101, where each is false, and where risk is not highest at the lowest points.
    """
    wrong, rng = STREAMS[stream], np.random.default_rng(31)
    risk = np.cumsum(SHARE * wrong) / np.cumsum(SHARE)
    false, covered = 0, []
    for _ in range(trials):
        at = [CANDIDATES.index(threshold) for threshold in certified(wrong, rng)]
        false += any(risk[place] > 0.1 for place in at)
        covered.append(max((float(SHARE[: place + 1].sum()) for place in at), default=0.0))
    possible = float(SHARE[risk <= 0.1].sum())
    print(
        f"\n{stream}: false {false / trials:.4f}, covered {np.mean(covered):.3f} of {possible:.3f}"
    )
    assert false <= DELTA * trials


def alarms(wrong: Bools, alpha: float) -> NDArray[np.int_]:
    """After which label each stream's watch alarms, shape (streams,); -1 for never."""
    streams, labels = wrong.shape
    wealth, weight = np.zeros(streams), 0.0
    total, first = np.zeros(streams), np.full(streams, -1)
    for number in range(labels):
        edge = (alpha + total) / (weight + 1) - alpha
        variance = np.maximum(0, (0.25 + total) / (weight + 1) - (total / (weight + 1)) ** 2)
        bet = np.where(edge > 0, np.minimum(0.5 / alpha, edge / (variance + edge**2)), 0.0)
        wealth += np.log1p(bet * (wrong[:, number] - alpha))
        weight, total = MEMORY * weight + 1, MEMORY * total + wrong[:, number]
        first[(first < 0) & (wealth >= -np.log(DELTA))] = number
    return first


def test_the_watch_of_these_figures_is_the_one_that_is_used() -> None:
    """Written for all streams at once, it alarms at the same labels."""
    wrong = np.random.default_rng(32).random((40, 150)) < 0.18
    for row, first in zip(wrong, alarms(wrong, 0.1), strict=True):
        watch, at = RiskWatch(0.1, DELTA), -1
        for number, loss in enumerate(row):
            watch = watch.after(float(loss))
            if watch.alarmed:
                at = number
                break
        assert at == first


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_a_promise_that_holds_is_taken_back_as_rarely_as_it_says(alpha: float) -> None:
    """At a risk of exactly alpha, looked at after each of 1,000 labels, one in ten at most."""
    wrong = np.random.default_rng(33).random((TRIALS, 1_000)) < alpha
    share = float((alarms(wrong, alpha) >= 0).mean())
    print(f"\nalpha {alpha}: taken back in error {share:.4f}")
    assert share <= DELTA


@pytest.mark.parametrize(
    ("alpha", "risk", "within"), [(0.05, 0.15, 180), (0.1, 0.3, 90), (0.2, 0.6, 55)]
)
@pytest.mark.parametrize("quiet", [50, 500])
def test_a_promise_that_broke_is_taken_back_soon(
    alpha: float, risk: float, within: int, quiet: int
) -> None:
    """Three times the promised risk, after however many good labels: nine in ten are found."""
    rng = np.random.default_rng(34)
    wrong = np.concatenate(
        [rng.random((500, quiet)) < 0.3 * alpha, rng.random((500, 400)) < risk], axis=1
    )
    after = alarms(wrong, alpha) - quiet + 1
    found = after[after > 0]
    print(
        f"\nalpha {alpha}, risk {risk} after {quiet}: median {np.median(found):.0f} labels,"
        f" nine in ten within {np.quantile(found, 0.9):.0f}"
    )
    assert np.mean((after > 0) & (after <= within)) >= 0.9


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """200 streams whose truth the map can tell, 100 labels each: 90 % intervals hold it in 90 %.

    At three points, two of them off the middle; streams are drawn as the prior of the fit says.
    """
    rng, held = np.random.default_rng(35), []
    z = 1.6448536269514722
    for _ in range(200):
        intercept, slope = rng.normal(0.0, 1.0), max(0.1, rng.normal(1.0, 0.5))
        logits = rng.normal(1.0, 1.5, 100)
        right = rng.random(100) < 1 / (1 + np.exp(-(intercept + slope * logits)))
        fitted = fit_map(list(zip(logits.tolist(), right.tolist(), strict=True)))
        for x in (-1.0, 1.0, 3.0):
            variance = (
                fitted.intercept_variance
                + 2 * x * fitted.covariance
                + x * x * fitted.slope_variance
            )
            said, truth = fitted.intercept + fitted.slope * x, intercept + slope * x
            held.append(abs(said - truth) <= z * math.sqrt(variance))
    share = float(np.mean(held))
    print(f"\nintervals at 90 %: {share:.3f} hold the truth")
    assert 0.85 <= share <= 0.95
