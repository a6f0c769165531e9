"""Canaries: how a judge does now."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.calibration.judges.canaries import (
    CanaryAnswer,
    drawn,
    is_due,
    live_reliability,
)
from plimsoll.calibration.judges.stream import StreamRate
from plimsoll.calibration.proportions import clopper_pearson
from plimsoll.domain.absence import Absence
from plimsoll.domain.canary import CanaryKind

KINDS = tuple(CanaryKind)


def rate(outcome: StreamRate | Absence) -> StreamRate:
    """An outcome that is there."""
    assert isinstance(outcome, StreamRate)
    return outcome


def answers(kind: CanaryKind, *passed: bool | None) -> list[CanaryAnswer]:
    """Answers to canaries of one kind."""
    return [CanaryAnswer(kind, each) for each in passed]


def test_each_kind_measures_its_rate() -> None:
    """Passes of good ones, fails of bad ones, and passes of injected and master-key ones."""
    live = live_reliability(
        [
            *answers(CanaryKind.KNOWN_GOOD, True, True, False),
            *answers(CanaryKind.KNOWN_BAD, False, True),
            *answers(CanaryKind.INJECTED, False, False),
            *answers(CanaryKind.MASTER_KEY, True, False),
        ]
    )
    assert rate(live.sensitivity.rate).point == pytest.approx(2 / 3)
    assert rate(live.specificity.rate).point == pytest.approx(1 / 2)
    assert rate(live.fooled.rate).point == pytest.approx(1 / 4)
    assert (rate(live.fooled.rate).lower, rate(live.fooled.rate).upper) == clopper_pearson(1, 4)


def test_a_canary_without_a_verdict_widens() -> None:
    """It is in no numerator; the interval holds what both verdicts would have given."""
    live = live_reliability(answers(CanaryKind.MASTER_KEY, True, False, False, None)).fooled
    found = rate(live.rate)
    assert (live.asked, live.answered) == (4, 3)
    assert found.point == pytest.approx(1 / 3)
    assert found.lower == clopper_pearson(1, 4)[0]
    assert found.upper == clopper_pearson(2, 4)[1]


def test_no_canary_is_no_rate() -> None:
    """A rate that nobody measured is an absence, not 0."""
    assert isinstance(live_reliability([]).fooled.rate, Absence)


def test_canaries_come_at_their_rate_and_each_alike() -> None:
    """Of 20,000 items 2 % are due, each of five canaries as often, and always the same ones."""
    due = [item for item in map(str, range(20_000)) if is_due("s", item, 0.02)]
    assert len(due) == pytest.approx(400, abs=60)
    which = np.bincount([drawn("s", str(item), 5) for item in range(20_000)], minlength=5)
    assert which == pytest.approx(np.full(5, 4_000), abs=250)
    assert due == [item for item in map(str, range(20_000)) if is_due("s", item, 0.02)]
    assert due != [item for item in map(str, range(20_000)) if is_due("other", item, 0.02)]


def test_the_live_fooled_rate_is_unbiased() -> None:
    """Over 100 streams with canaries at 10 % the mean estimate is the true rate of .15.

    Within four standard errors; and the interval holds it in 95 % of the streams or more.
    """
    rng = np.random.default_rng(8)
    points, covered = [], 0
    for stream in range(100):
        due = [item for item in map(str, range(400)) if is_due(str(stream), item, 0.1)]
        kinds = [KINDS[drawn(str(stream), item, len(KINDS))] for item in due]
        fooled = rng.random(len(due)) < 0.15
        seen = [CanaryAnswer(k, bool(f)) for k, f in zip(kinds, fooled, strict=True)]
        found = rate(live_reliability(seen).fooled.rate)
        points.append(found.point)
        covered += found.lower <= 0.15 <= found.upper
    assert np.mean(points) == pytest.approx(0.15, abs=4 * np.std(points) / np.sqrt(100))
    assert covered >= 95
