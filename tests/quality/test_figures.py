"""Figures of one score: how sets of unlike size are taken together."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.calibration.statistics import Indices, bootstrap
from plimsoll.calibration.strengths import (
    LEVEL,
    SEED,
    telling,
    within_sets,
    within_sets_drawn,
)
from tests.quality.confbench.figures import enough


def test_a_set_weighs_by_what_its_labels_can_tell() -> None:
    """Five hundred labels at chance outweigh twenty of which two are wrong and told apart."""
    labels = np.array([1.0, 0.0] * 250 + [1.0] * 18 + [0.0] * 2)
    scores = np.array([0.5] * 500 + [0.9] * 18 + [0.1] * 2)
    sets = np.array(["large"] * 500 + ["thin"] * 20)
    # 125 of 126.8 parts at one half, and 1.8 at one.
    assert within_sets(labels, scores, sets) == pytest.approx((125 * 0.5 + 1.8) / 126.8)


def test_a_set_of_one_label_weighs_nothing() -> None:
    """Where all are right nothing is ranked; where every set is so there is no figure."""
    labels, scores = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.9, 0.1, 0.2, 0.3])
    assert within_sets(labels, scores, np.array(["a", "a", "b", "b"])) == 1.0
    with pytest.raises(ValueError, match="no set"):
        within_sets(np.ones(2), scores[:2], np.array(["a", "a"]))


def test_labels_of_sets_with_one_label_are_not_enough() -> None:
    """A set of wrong ones alone does not make up for those that the other set lacks."""
    labels = np.array([1.0] * 56 + [0.0] * 4 + [0.0] * 40)
    sets = np.array(["mixed"] * 60 + ["wrong"] * 40)
    assert telling(labels, sets).sum() == 60
    assert not enough(labels, sets, of_each=5)
    assert enough(labels, sets, of_each=4)
    assert not enough(labels, sets, of_each=4, of_all=61)
    assert not enough(labels[:0], sets[:0])


def test_all_draws_at_once_are_the_draws_one_by_one() -> None:
    """The interval of a strength is that of the bootstrap which draws group after group."""
    rng = np.random.default_rng(3)
    labels = (rng.random(90) < 0.6).astype(float)
    scores = np.clip(labels * 0.3 + rng.random(90), 0.0, 1.2).round(1).astype(np.float64)
    sets = np.array(["a"] * 60 + ["b"] * 26 + ["c"] * 4)
    groups = [f"g{place // 2}" for place in range(90)]

    def one(rows: Indices) -> float:
        return within_sets(labels[rows], scores[rows], sets[rows])

    expected = bootstrap(one, groups, np.random.default_rng(SEED))
    assert expected is not None
    drawn = within_sets_drawn(labels, scores, sets, groups)
    found = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    assert found.tolist() == pytest.approx([expected.lower, expected.upper], abs=1e-12)
