"""How often a promise about claims is taken back in error, and how soon where it does not hold.

`pytest -s` shows the figures.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from plimsoll.calibration.conformal_claims import ScoredClaim, claims_threshold
from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.calibration.risk_watch import MEMORY
from plimsoll.domain.learned import CertificateState
from tests.unit.calibration.learning.claims import bad, good, watched
from tests.unit.calibration.learning.values import folded, placed

DELTA = 0.1
ALPHA = 0.1
STREAMS = 2_000
LABELS = 1_000
Floats = NDArray[np.float64]


def alarms(losses: Floats, alpha: float = ALPHA) -> NDArray[np.int_]:
    """After how many labels each stream's promise is taken back, shape (streams,); 0 for never."""
    streams, labels = losses.shape
    wealth, weight = np.zeros(streams), 0.0
    total, squares = np.zeros(streams), np.zeros(streams)
    first = np.zeros(streams, dtype=int)
    for number in range(labels):
        loss = losses[:, number]
        edge = (alpha + total) / (weight + 1) - alpha
        variance = np.maximum(0, (0.25 + squares) / (weight + 1) - (total / (weight + 1)) ** 2)
        bet = np.where(edge > 0, np.minimum(0.5 / alpha, edge / (variance + edge**2)), 0.0)
        wealth += np.log1p(bet * (loss - alpha))
        weight, total = MEMORY * weight + 1, MEMORY * total + loss
        squares = MEMORY * squares + loss**2
        first[(first == 0) & (wealth >= -math.log(DELTA))] = number + 1
    return first


def shares(rng: np.random.Generator, mean: float, streams: int, labels: int) -> Floats:
    """Losses of `false_share`: of four to twelve claims each is kept and false so often."""
    counts = rng.integers(4, 13, (streams, labels))
    return rng.binomial(counts, mean) / counts


def test_the_watch_of_these_figures_is_the_one_that_is_used() -> None:
    """Written for all streams at once, it takes promises back at the same labels."""
    wrong = np.random.default_rng(41).random((20, 120)) < 0.2
    for row, first in zip(wrong, alarms(wrong.astype(float)), strict=True):
        learning = Learning(LearningRules(failure=DELTA))
        folded(learning, placed([bad(n) if one else good(n) for n, one in enumerate(row)]))
        claims = watched(learning)
        revoked = claims.state is CertificateState.REVOKED
        assert (claims.watch.seen if revoked else 0) == first


@pytest.mark.parametrize("guarantee", ["all_true", "false_share"])
def test_a_promise_that_holds_is_taken_back_as_rarely_as_it_says(guarantee: str) -> None:
    """At a mean loss of exactly 0.1, looked at after each of 1,000 audits, one in ten at most."""
    rng = np.random.default_rng(42)
    losses = (
        (rng.random((STREAMS, LABELS)) < ALPHA).astype(float)
        if guarantee == "all_true"
        else shares(rng, ALPHA, STREAMS, LABELS)
    )
    share = float(np.mean(alarms(losses) > 0))
    print(f"\n{guarantee}: taken back in error {share:.4f}")
    assert share <= DELTA


@pytest.mark.parametrize(("quiet", "within"), [(0, 80), (50, 90), (500, 90)])
def test_a_promise_that_broke_is_taken_back_soon(quiet: int, within: int) -> None:
    """A false claim in 0.3 of responses where 0.1 was promised: nine in ten are found soon."""
    rng = np.random.default_rng(43)
    before = rng.random((500, quiet)) < 0.3 * ALPHA
    losses = np.concatenate([before, rng.random((500, 400)) < 3 * ALPHA], axis=1).astype(float)
    after = alarms(losses) - quiet
    found = after[after > 0]
    print(
        f"\nall_true, 0.3 after {quiet} good ones: median {np.median(found):.0f} audits,"
        f" nine in ten within {np.quantile(found, 0.9):.0f}"
    )
    assert np.mean((after > 0) & (after <= within)) >= 0.9


def test_a_share_that_grew_is_found_sooner_than_whole_responses() -> None:
    """0.3 of claims where 0.1 was promised: each response says more than right or wrong."""
    found = alarms(shares(np.random.default_rng(44), 0.3, 500, 300))
    print(
        f"\nfalse_share, 0.3: median {np.median(found):.0f} audits,"
        f" nine in ten within {np.quantile(found, 0.9):.0f}"
    )
    assert np.mean((found > 0) & (found <= 40)) >= 0.9


def taught(rng: np.random.Generator, n: int) -> float:
    """The own rate of a filter that so many responses taught, whose false claims score evenly."""
    scores = rng.random(n)
    found = claims_threshold([[ScoredClaim(float(s), true=False)] for s in scores], ALPHA)
    assert isinstance(found, float)
    return 1.0 - found


@pytest.mark.parametrize(("n", "filters"), [(19, 1_000), (99, 1_000), (999, 200)])
def test_honest_filters_differ_in_their_own_rate(n: int, filters: int) -> None:
    """The promise holds on average over what teaches; labels tell the rate of one filter.

    Almost half of honest filters have one above what they promise, the fewer taught them the
    further. Of those that have not, no more are taken back than the level allows.
    """
    rng = np.random.default_rng(45)
    rates = np.array([taught(rng, n) for _ in range(filters)])
    assert rates.mean() <= ALPHA + 0.005
    found = alarms((rng.random((filters, 500)) < rates[:, None]).astype(float))
    gone = found > 0
    print(
        f"\n{n} responses taught: own rate above 0.1 in {np.mean(rates > ALPHA):.2f} of filters,"
        f" taken back within 500 audits {gone.mean():.3f}, of those above {rates[gone].mean():.3f}"
        f" on average; of those whose own rate holds {gone[rates <= ALPHA].mean():.3f}"
    )
    assert gone[rates <= ALPHA].mean() <= DELTA
