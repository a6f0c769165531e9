"""Which claims of an answer to keep, so that all that are kept are true at a chosen rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

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
    is true. It is the ceil((n + 1)(1 - alpha))-th smallest of the answers' own thresholds;
    `abstained` where n is too small for there to be one. ValueError unless 0 < alpha < 1.
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha is {alpha}, not between 0 and 1")
    n = len(answers)
    # In fractions of what was written, because (9 + 1) * (1 - 0.1) must not be 9.000000000000002.
    rank = math.ceil((n + 1) * (1 - Fraction(repr(float(alpha)))))
    if rank > n:
        detail = f"{n} labelled answers cannot bound the error at {alpha:g}"
        return Absence(AbsenceReason.ABSTAINED, detail)
    return sorted(own_threshold(answer) for answer in answers)[rank - 1]


def own_threshold(claims: Sequence[ScoredClaim]) -> float:
    """The smallest threshold at which every claim above it is true: -inf where all are."""
    if any(math.isnan(claim.score) for claim in claims):
        raise ValueError("the score of a claim is not a number")
    return max((claim.score for claim in claims if not claim.true), default=-math.inf)


def kept(scores: Sequence[float], threshold: float) -> tuple[int, ...]:
    """Positions of the claims to keep: those that score above the threshold, not at it."""
    return tuple(index for index, score in enumerate(scores) if score > threshold)
