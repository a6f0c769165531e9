"""Conformal filtering of claims: the threshold's rank, its guarantee, and when there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from plimsoll.calibration.conformal_claims import (
    ScoredClaim,
    claims_threshold,
    false_share_threshold,
    kept,
    own_threshold,
)
from plimsoll.domain.absence import Absence, AbsenceReason


def one_false(score: float) -> list[ScoredClaim]:
    """An answer whose only false claim has that score."""
    return [ScoredClaim(score, true=False), ScoredClaim(score + 100.0, true=True)]


def test_of_fifty_answers_at_a_tenth_the_46th_smallest_decides() -> None:
    """ceil(51 * 0.9) is 46."""
    answers = [one_false(float(n)) for n in range(50, 0, -1)]
    assert claims_threshold(answers, 0.1) == 46.0


@pytest.mark.parametrize(("n", "alpha"), [(8, 0.1), (18, 0.05), (0, 0.5)])
def test_too_few_answers_give_no_threshold(n: int, alpha: float) -> None:
    """With fewer than 1/alpha - 1 answers nothing finite is sure enough: `abstained`."""
    threshold = claims_threshold([one_false(0.0)] * n, alpha)
    assert isinstance(threshold, Absence)
    assert threshold.reason is AbsenceReason.ABSTAINED


@pytest.mark.parametrize(("n", "alpha"), [(9, 0.1), (19, 0.05), (99, 0.01)])
def test_the_smallest_number_of_answers_that_is_enough(n: int, alpha: float) -> None:
    """With just 1/alpha - 1 answers the largest of their thresholds decides."""
    assert claims_threshold([one_false(float(i)) for i in range(n)], alpha) == n - 1


def test_an_answer_without_a_false_claim_keeps_all() -> None:
    """Its own threshold is below every score; so is that of an answer without claims."""
    assert own_threshold([ScoredClaim(0.2, true=True)]) == -math.inf
    assert own_threshold([]) == -math.inf


def test_a_claim_at_the_threshold_is_dropped() -> None:
    """Kept is what scores above it: a false claim with that very score set it."""
    assert kept([0.4, 0.5, 0.6], 0.5) == (2,)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, math.nan])
def test_alpha_is_a_rate_between_0_and_1(alpha: float) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="alpha"):
        claims_threshold([one_false(0.0)] * 50, alpha)


def test_a_score_that_is_no_number_is_refused() -> None:
    """NaN would be sorted anywhere."""
    with pytest.raises(ValueError, match="not a number"):
        own_threshold([ScoredClaim(math.nan, true=True)])


def test_all_kept_claims_are_true_at_the_promised_rate() -> None:
    """Over 500 draws of 60 answers and one new one, at least 9 in 10 keep true claims only."""
    rng = np.random.default_rng(7)

    def answer() -> list[ScoredClaim]:
        true = rng.random(6) < 0.8
        scores = rng.normal(true * 1.5)
        return [ScoredClaim(float(s), true=bool(t)) for s, t in zip(scores, true, strict=True)]

    held = 0
    draws = 500
    for _ in range(draws):
        threshold = claims_threshold([answer() for _ in range(60)], 0.1)
        assert isinstance(threshold, float)
        new = answer()
        held += all(new[i].true for i in kept([c.score for c in new], threshold))
    # Three standard errors below 0.9.
    assert held / draws > 0.9 - 3 * math.sqrt(0.09 / draws)


def test_the_expected_share_of_false_claims_stays_within_alpha() -> None:
    """Over 500 draws of 60 answers, claims kept and false are a tenth of an answer's on average."""
    rng = np.random.default_rng(8)

    def answer() -> list[ScoredClaim]:
        true = rng.random(6) < 0.7
        scores = rng.normal(true * 1.0)
        return [ScoredClaim(float(s), true=bool(t)) for s, t in zip(scores, true, strict=True)]

    shares = []
    for _ in range(500):
        threshold = false_share_threshold([answer() for _ in range(60)], 0.1)
        assert isinstance(threshold, float)
        new = answer()
        false = [not new[i].true for i in kept([c.score for c in new], threshold)]
        shares.append(sum(false) / len(new))
    # Three standard errors above a tenth.
    assert np.mean(shares) < 0.1 + 3 * np.std(shares) / math.sqrt(len(shares))
    assert np.mean(shares) > 0.07


def test_a_share_is_controlled_by_a_milder_threshold() -> None:
    """What lets no answer keep a false claim keeps less than what bounds their share."""
    answers = [
        [ScoredClaim(float(n), true=False), *[ScoredClaim(99.0, true=True)] * 9] for n in range(50)
    ]
    assert claims_threshold(answers, 0.1) == 45.0
    # 41 of 50 answers with a tenth of their claims: (4.1 + 1) / 51 is one tenth, to the last bit.
    assert false_share_threshold(answers, 0.1) == 8.0
    assert isinstance(false_share_threshold(answers[:8], 0.1), Absence)
    assert isinstance(false_share_threshold([], 0.5), Absence)
