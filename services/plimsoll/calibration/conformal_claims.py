"""Which claims of an answer to keep, so that all that are kept are true at a chosen rate."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from plimsoll.calibration.risk_control import controlled_threshold, exact
from plimsoll.domain.absence import Absence, AbsenceReason


@dataclass(frozen=True, slots=True)
class ScoredClaim:
    """A claim of a labelled answer: its score (higher is surer) and whether it is true."""

    score: float
    true: bool


def claims_threshold(answers: Sequence[Sequence[ScoredClaim]], alpha: float) -> float | Absence:
    """The score above which a new answer's claims are kept (Mohri & Hashimoto, arXiv:2402.10978).

    `answers` are labelled ones that are exchangeable with the new one. Then with probability at
    least 1 - alpha over all of them, every claim of the new answer that scores above the threshold
    is true. It is the ceil((n + 1)(1 - alpha))-th smallest of the answers' own thresholds, which
    is where conformal risk control ends for the loss "a false claim was kept". `abstained` where
    n is too small for there to be one. ValueError unless 0 < alpha < 1.
    """
    own = sorted(own_threshold(answer) for answer in answers)
    n = len(own)

    def share_with_a_false_claim(threshold: float) -> Fraction:
        return Fraction(n - bisect_right(own, threshold), n)

    found = controlled_threshold(own, share_with_a_false_claim, n, alpha)
    return _too_few(n, alpha) if found is None else found


def false_share_threshold(
    answers: Sequence[Sequence[ScoredClaim]], alpha: float
) -> float | Absence:
    """The score above which a new answer's claims are kept, so that few of an answer are false.

    The expected share of an answer's claims that are kept and false is at most alpha: milder than
    that all be true, and fit for long answers. Of exchangeable answers, by conformal risk control;
    an answer without claims has no false one. `abstained` and ValueError as above.
    """
    n = len(answers)
    false = [sorted(claim.score for claim in answer if not claim.true) for answer in answers]
    for answer in answers:
        # Refuses a score that is no number.
        own_threshold(answer)

    def mean_false_share(threshold: float) -> Fraction:
        shares = (
            Fraction(len(scores) - bisect_right(scores, threshold), len(answer))
            for scores, answer in zip(false, answers, strict=True)
            if answer
        )
        return sum(shares, Fraction(0)) / n

    candidates = [-math.inf, *(score for scores in false for score in scores)] if n else []
    found = controlled_threshold(candidates, mean_false_share, n, alpha)
    return _too_few(n, alpha) if found is None else found


def labels_needed(alpha: float) -> int:
    """Of how many labelled answers there is a threshold, at least: ceil(1 / alpha) - 1."""
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha is {alpha}, not between 0 and 1")
    return math.ceil(1 / exact(alpha)) - 1


def _too_few(n: int, alpha: float) -> Absence:
    detail = f"{n} labelled answers cannot bound the error at {alpha:g}"
    return Absence(AbsenceReason.ABSTAINED, detail)


def own_threshold(claims: Sequence[ScoredClaim]) -> float:
    """The smallest threshold at which every claim above it is true: -inf where all are."""
    if any(math.isnan(claim.score) for claim in claims):
        raise ValueError("the score of a claim is not a number")
    return max((claim.score for claim in claims if not claim.true), default=-math.inf)


def kept(scores: Sequence[float], threshold: float) -> tuple[int, ...]:
    """Positions of the claims to keep: those that score above the threshold, not at it."""
    return tuple(index for index, score in enumerate(scores) if score > threshold)
