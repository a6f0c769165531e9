"""How far jurors err together."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.calibration.judges.correlation import (
    PRIOR_CORRELATION,
    definite,
    effective_number,
    juror_weights,
    mean_correlation,
    pair_correlations,
)
from plimsoll.domain.verdicts import LabelledVerdict
from tests.unit.calibration.judges.judges import alike, judge, labelled


def exchangeable(jurors: int, correlation: float) -> np.ndarray:
    """Correlations that are the same for each pair."""
    return np.full((jurors, jurors), correlation) + (1 - correlation) * np.eye(jurors)


def test_the_golden_effective_number() -> None:
    """Three jurors at a correlation of .55 are 1.428571, and never more than three."""
    assert effective_number(3, 0.55) == pytest.approx(1.428571, abs=1e-6)
    assert effective_number(3, -0.2) == 3


@pytest.mark.parametrize(("jurors", "correlation"), [(1, 0.0), (3, 0.0), (3, 0.55), (5, 0.98)])
def test_weights_add_up_to_the_effective_number(jurors: int, correlation: float) -> None:
    """One each where jurors are independent, and less of each the more they are alike."""
    weights = juror_weights(exchangeable(jurors, correlation))
    assert weights.sum() == pytest.approx(effective_number(jurors, correlation))


def test_no_weight_is_negative() -> None:
    """A juror that Sigma^-1 1 would subtract gets 0, and the rest are solved without it."""
    matrix = np.array([[1.0, 0.2, 0.85], [0.2, 1.0, 0.6], [0.85, 0.6, 1.0]])
    assert np.linalg.solve(matrix, np.ones(3)).min() < 0
    assert juror_weights(matrix) == pytest.approx([1 / 1.2, 1 / 1.2, 0.0])


def test_shared_errors_are_measured() -> None:
    """Jurors that share .55 of their errors are measured at .55, within four standard errors."""
    right, votes = alike(np.random.default_rng(5), 3, 4_000, 0.8, 0.55)
    verdicts = [
        LabelledVerdict(judge(f"m{n}"), str(item), bool(votes[n, item]), bool(right[item]))
        for n in range(3)
        for item in range(len(right))
    ]
    pairs = pair_correlations(verdicts, [judge(f"m{n}") for n in range(3)])
    assert list(pairs.values()) == pytest.approx([0.55] * 3, abs=0.06)


def test_that_jurors_err_more_on_one_kind_is_not_a_shared_error() -> None:
    """Two that pass half of the wrong items, each its own half, share nothing."""
    first, second = labelled("a", 40, 0, 20, 20), labelled("b", 40, 0, 20, 20)
    turned = [
        LabelledVerdict(v.judge, v.item, v.right or int(v.item.split("-")[1]) % 2 == 0, v.right)
        for v in second
    ]
    (pair,) = pair_correlations([*first, *turned], [judge("a"), judge("b")]).values()
    assert pair == pytest.approx(20 * PRIOR_CORRELATION / 100)


def test_jurors_without_an_error_are_as_alike_as_the_prior_says() -> None:
    """Nothing is known of errors that nobody made."""
    verdicts = [*labelled("a", 9, 0, 0, 9), *labelled("b", 9, 0, 0, 9)]
    (pair,) = pair_correlations(verdicts, [judge("a"), judge("b")]).values()
    assert pair == PRIOR_CORRELATION


def test_contradictory_pairs_become_a_matrix() -> None:
    """Pairs that cannot all be true are moved to ones that can."""
    matrix = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    moved = definite(matrix)
    assert np.linalg.eigvalsh(moved).min() > 0
    assert np.diag(moved) == pytest.approx(np.ones(3))
    assert mean_correlation(np.eye(1)) == 0
