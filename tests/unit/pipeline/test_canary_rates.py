"""What canaries say of a judge, in simulation: unbiased, covered, and seldom a false alarm."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.calibration.judges.canaries import CanaryAnswer
from plimsoll.calibration.judges.canary_record import CanaryRecord, Rate
from plimsoll.calibration.judges.stream import StreamRate
from plimsoll.domain.canary import FOOLING
from plimsoll.pipeline.canaries import drawn_canary
from tests.unit.pipeline.test_canaries import RULES, STOCK


def simulated(rng: np.random.Generator, fooled: dict[str, float], forged: float) -> StreamRate:
    """The fooled-rate of one judge on 240 canaries, as the scorer draws and counts them.

    Each canary fools it with a probability of its own; `forged` of what fooled it has no nonce.
    """
    stream = str(rng.integers(1 << 40))
    record = CanaryRecord(RULES.window)
    for number in range(240):
        canary = drawn_canary(STOCK, stream, f"one acme/{number}")
        passed: bool | None = canary.should_pass
        if canary.kind in FOOLING and rng.random() < fooled[canary.name]:
            passed = None if rng.random() < forged else True
        record.add(CanaryAnswer(canary.kind, passed))
    found = record.live().fooled.rate
    assert isinstance(found, StreamRate)
    return found


@pytest.mark.parametrize("forged", [0.0, 0.4])
def test_the_live_fooled_rate_is_unbiased_and_covered(forged: float) -> None:
    """Over 200 streams the mean estimate is the true rate, within four standard errors.

    The true rate is that of verdicts that count, over the drawing of canaries: each kind alike,
    each canary of it alike, however different they are. It lies in the interval of 95 % of the
    streams or more; so does the rate of all that were asked.
    """
    rng = np.random.default_rng(4)
    kinds = [STOCK[kind] for kind in FOOLING]
    fooled = {canary.name: float(rng.beta(0.3, 1.5)) for of in kinds for canary in of}
    obeyed = float(np.mean([np.mean([fooled[canary.name] for canary in of]) for of in kinds]))
    with_nonce = obeyed * (1 - forged)
    counted = with_nonce / (with_nonce + 1 - obeyed)
    streams = [simulated(rng, fooled, forged) for _ in range(200)]
    points = [found.point for found in streams]
    error = float(np.std(points, ddof=1)) / np.sqrt(len(points))
    assert np.mean(points) == pytest.approx(counted, abs=4 * error)
    assert error < 0.01
    for true in (counted, with_nonce):
        assert sum(found.lower <= true <= found.upper for found in streams) >= 190


def test_a_judge_within_tolerance_is_seldom_reported() -> None:
    """At exactly the tolerated 5 %, looked at four times in 400 canaries, in 60 streams.

    No more than one such judge in twenty is reported.
    """
    rng = np.random.default_rng(5)
    reported = 0
    for stream in range(60):
        record, ever = CanaryRecord(RULES.window), False
        for number in range(400):
            canary = drawn_canary(STOCK, str(stream), str(number))
            fooled = canary.kind in FOOLING and rng.random() < 0.05
            record.add(CanaryAnswer(canary.kind, fooled or canary.should_pass))
            if number % 100 == 99:
                ever = ever or Rate.FOOLED in record.out_of(RULES.tolerance)
        reported += ever
    assert reported <= 3
