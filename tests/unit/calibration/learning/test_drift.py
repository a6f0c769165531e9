"""Whether a calibration still says the truth."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.calibration.learning.drift import after_label, alarmed
from plimsoll.domain.learning import NO_BETS


def first_alarm(said: list[float], right: list[bool]) -> int | None:
    """After how many labels the bets refute what was said; None for never."""
    bets = NO_BETS
    for earlier, (p, y) in enumerate(zip(said, right, strict=True)):
        bets = after_label(bets, earlier, p, right=y)
        if alarmed(bets):
            return earlier + 1
    return None


def test_the_truth_is_refuted_in_one_of_a_hundred_streams_at_most() -> None:
    """Looked at after each of 300 labels, 3 of 300 streams or fewer alarm."""
    rng = np.random.default_rng(21)
    alarms = 0
    for _ in range(300):
        said = rng.uniform(0.05, 0.95, 300)
        right = rng.random(300) < said
        alarms += first_alarm(said.tolist(), right.tolist()) is not None
    assert alarms <= 3


@pytest.mark.parametrize("truth", [0.5, 0.97])
@pytest.mark.parametrize("quiet", [50, 500, 4_000])
def test_results_that_are_right_less_or_more_often_are_found(quiet: int, truth: float) -> None:
    """Said .8, however many labels at .8 before: nine in ten streams are found within 200."""
    rng = np.random.default_rng(22)
    found = 0
    for _ in range(20):
        right = np.concatenate([rng.random(quiet) < 0.8, rng.random(200) < truth])
        at = first_alarm([0.8] * len(right), right.tolist())
        found += at is not None and at > quiet
    assert found >= 18
