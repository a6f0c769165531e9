"""Certified thresholds."""

from __future__ import annotations

import numpy as np

from plimsoll.calibration.proportions import upper_bound
from plimsoll.calibration.selective import Certified, certified_threshold
from plimsoll.domain.absence import Absence, AbsenceReason


def test_the_laxest_threshold_before_the_first_that_fails() -> None:
    """60 at .9 with 3 wrong pass a risk of .11; 40 more at .8, half of them wrong, do not."""
    labels = [0] * 3 + [1] * 57 + [0, 1] * 20
    found = certified_threshold(labels, [0.9] * 60 + [0.8] * 40, alpha=0.11, delta=0.1)
    assert found == Certified(0.81, 60, 3, upper_bound(3, 60, 0.9))


def test_a_later_threshold_is_not_reached_past_one_that_failed() -> None:
    """Many right ones at .6 do not help where .7 has failed."""
    labels = [1] * 40 + [0] * 40 + [1] * 5_000
    confidences = [0.9] * 40 + [0.7] * 40 + [0.6] * 5_000
    found = certified_threshold(labels, confidences, alpha=0.1, delta=0.1)
    assert isinstance(found, Certified)
    assert found.threshold == 0.71


def test_too_few_labels_certify_nothing() -> None:
    """29 right ones are no ground for a certificate, however sure."""
    found = certified_threshold([1] * 29, [0.99] * 29, alpha=0.1, delta=0.1)
    assert isinstance(found, Absence)
    assert found.reason is AbsenceReason.ABSTAINED


def test_a_threshold_that_forgives_nothing_does_not_end_the_sequence() -> None:
    """One wrong one of 30 at .99 would fail every promise of .05; 270 right ones at .9 bear it."""
    labels = [0] + [1] * 299
    found = certified_threshold(labels, [0.99] * 30 + [0.9] * 270, alpha=0.05, delta=0.1)
    assert found == Certified(0.5, 300, 1, upper_bound(1, 300, 0.9))


def test_an_overconfident_judge_is_not_believed() -> None:
    """In 100 draws of 500 labels the certified risk exceeds .1 in fewer than .1 of them.

    The judge says .5 to 1 and is right less often than it says; believing it fails every time.
    """
    rng = np.random.default_rng(11)
    exceeded = 0
    for _ in range(100):
        said = rng.uniform(0.5, 1.0, 500)
        right = rng.random(500) < 0.45 + 0.55 * (said - 0.5) / 0.5
        found = certified_threshold(right.astype(int).tolist(), said.tolist(), 0.1, 0.1)
        if isinstance(found, Certified):
            # The mean of (s - .5) / .5 over s above t is t, as s is uniform.
            exceeded += 0.55 - 0.55 * found.threshold > 0.1
    assert exceeded <= 10
