"""Statistics of confidences: golden vectors, ties, groups, and what chance alone makes."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.calibration.statistics import (
    aurc,
    auroc,
    binned_ece,
    bootstrap,
    brier,
    e_aurc,
    ece,
    log_loss,
    murphy,
    null_ece,
    null_ece_percentile,
    prr,
    risk_at,
    risk_coverage,
)

CONFIDENCES = [0.9, 0.8, 0.7, 0.6, 0.55, 0.3]
LABELS = [1, 1, 0, 1, 0, 0]


def test_the_golden_vector() -> None:
    """Brier .182083333, AUROC .888888889, AURC .247222222 of an oracle's .191666667."""
    assert brier(LABELS, CONFIDENCES) == pytest.approx(0.182083333, abs=1e-9)
    assert auroc(LABELS, CONFIDENCES) == pytest.approx(0.888888889, abs=1e-9)
    assert aurc(LABELS, CONFIDENCES) == pytest.approx(0.247222222, abs=1e-9)
    assert aurc(LABELS, LABELS) == pytest.approx(0.191666667, abs=1e-9)


def test_the_golden_gain_over_chance() -> None:
    """Between random (.5) and oracle, the golden vector gains .819819820."""
    random, oracle = 1 - np.mean(LABELS), aurc(LABELS, LABELS)
    gain = (random - aurc(LABELS, CONFIDENCES)) / (random - oracle)
    assert gain == pytest.approx(0.819819820, abs=1e-9)
    assert prr(LABELS, CONFIDENCES) == pytest.approx(0.819819820, abs=1e-9)
    assert e_aurc(LABELS, CONFIDENCES) == pytest.approx(0.055555556, abs=1e-9)


def test_the_rejection_ratio_runs_from_chance_to_oracle() -> None:
    """1 for an oracle, 0 where all tie, 1 at half rejection where the best half is an oracle's."""
    assert prr(LABELS, LABELS) == pytest.approx(1.0)
    assert prr(LABELS, [0.5] * 6) == pytest.approx(0.0)
    assert prr([1, 1, 0, 0], [0.8, 0.9, 0.2, 0.1], max_rejection=0.5) == pytest.approx(1.0)
    assert prr(LABELS, CONFIDENCES, max_rejection=0.5) != pytest.approx(0.819819820, abs=1e-3)
    with pytest.raises(ValueError, match="labels of both"):
        prr([1, 1], [0.1, 0.2])


def test_the_brier_score_falls_into_its_parts() -> None:
    """Reliability - resolution + uncertainty, exactly where each probability is its own bin."""
    claimed = [0.2, 0.2, 0.2, 0.2, 0.7, 0.7, 0.7, 0.7]
    labels = [0, 0, 0, 1, 1, 1, 1, 0]
    parts = murphy(labels, claimed)
    assert parts.reliability == pytest.approx((0.05**2 + 0.05**2) / 2)
    assert parts.resolution == pytest.approx(0.25**2)
    assert parts.uncertainty == pytest.approx(0.25)
    assert parts.within == pytest.approx(0.0)
    total = parts.reliability - parts.resolution + parts.uncertainty
    assert total == pytest.approx(brier(labels, claimed))
    coarse = murphy(labels, [c + 0.01 * i for i, c in enumerate(claimed)], bins=2)
    assert coarse.within != pytest.approx(0.0)


def test_log_loss_is_infinite_for_a_certainty_that_was_wrong() -> None:
    """A coin costs ln 2, and there is no end where 1 was claimed of a wrong result."""
    assert log_loss([1, 0], [0.5, 0.5]) == pytest.approx(np.log(2))
    assert log_loss([1, 0], [0.9, 0.2]) == pytest.approx(-(np.log(0.9) + np.log(0.8)) / 2)
    assert log_loss([0, 1], [1.0, 0.5]) == np.inf


def test_a_perfect_model_stays_below_its_percentile() -> None:
    """Of 200 perfectly calibrated sets about one in twenty lies above the 95th percentile."""
    claimed = np.linspace(0.05, 0.95, 200)
    bound = null_ece_percentile(claimed, np.random.default_rng(2))
    rng = np.random.default_rng(11)
    above = [ece(rng.random(200) < claimed, claimed) > bound for _ in range(200)]
    assert bound > null_ece(claimed, np.random.default_rng(2))
    assert 1 <= sum(above) <= 22


def test_the_golden_calibration_error() -> None:
    """Bins [0, .5), [.5, .75), [.75, 1] give an ECE of .241666667."""
    bins = np.digitize(CONFIDENCES, [0.5, 0.75])
    assert binned_ece(LABELS, CONFIDENCES, bins) == pytest.approx(0.241666667, abs=1e-9)


def test_ties_count_half() -> None:
    """Scores that are all the same tell nothing: AUROC .5, and risk at any coverage is the mean."""
    assert auroc([1, 0, 1], [0.5, 0.5, 0.5]) == 0.5
    assert risk_coverage([1, 0, 0, 1], [0.5] * 4).tolist() == [0.5] * 4
    assert auroc([1, 0, 0], [0.5, 0.5, 0.1]) == 0.75


def test_the_order_of_rows_does_not_matter() -> None:
    """Every statistic is the same for the rows turned round, ties or not."""
    labels, scores = LABELS * 3, CONFIDENCES * 3
    for statistic in (auroc, brier, ece, aurc):
        assert statistic(labels[::-1], scores[::-1]) == pytest.approx(statistic(labels, scores))


def test_one_class_has_no_auroc() -> None:
    """Without a wrong result there is nothing to tell apart: an error, not a number."""
    with pytest.raises(ValueError, match="labels of both"):
        auroc([1, 1], [0.1, 0.2])


def test_risk_at_a_coverage() -> None:
    """Of the best half one in three is wrong, of all one in two."""
    assert risk_at(LABELS, CONFIDENCES, 0.5) == pytest.approx(1 / 3)
    assert risk_at(LABELS, CONFIDENCES, 1.0) == pytest.approx(1 / 2)
    assert risk_at(LABELS, CONFIDENCES, 0.01) == 0.0


def test_a_perfect_model_still_has_a_calibration_error() -> None:
    """What chance makes of perfect probabilities shrinks with the number of results."""
    few, many = np.linspace(0.05, 0.95, 50), np.linspace(0.05, 0.95, 5_000)
    rng = np.random.default_rng(7)
    assert null_ece(few, rng) > 0.05
    assert 0.0 < null_ece(many, rng, draws=100) < 0.02


def test_the_bootstrap_is_the_same_for_the_same_seed() -> None:
    """A seeded generator makes the interval reproducible."""
    labels, scores = np.array(LABELS * 5), np.array(CONFIDENCES * 5)
    groups = [str(n) for n in range(30)]
    first, second = (
        bootstrap(
            lambda rows: auroc(labels[rows], scores[rows]), groups, np.random.default_rng(3), 200
        )
        for _ in range(2)
    )
    assert first is not None
    assert first == second
    assert first.lower < 0.888888889 < first.upper


def test_rows_of_a_group_stand_or_fall_together() -> None:
    """Ten copies of each row in one group give about the interval of single rows, not a third."""
    labels, scores = np.repeat(LABELS * 4, 10), np.repeat(CONFIDENCES * 4, 10)
    grouped = [str(n // 10) for n in range(240)]
    alone = [str(n) for n in range(240)]

    def width(groups: list[str]) -> float:
        interval = bootstrap(
            lambda rows: brier(labels[rows], scores[rows]), groups, np.random.default_rng(1), 400
        )
        assert interval is not None
        return interval.upper - interval.lower

    assert width(grouped) > 2 * width(alone)


def test_a_statistic_that_is_mostly_undefined_has_no_interval() -> None:
    """Where most replicates hold one class only, there is no interval."""
    labels, scores = np.array([1, 1]), np.array([0.1, 0.2])
    rng = np.random.default_rng(1)
    assert bootstrap(lambda r: auroc(labels[r], scores[r]), ["a", "b"], rng, 50) is None
