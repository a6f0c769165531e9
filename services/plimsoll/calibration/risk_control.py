"""Conformal risk control: the mildest threshold whose expected loss stays within a rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction


def risk_bound(mean_loss: float | Fraction, n: int, most: float | Fraction = 1) -> Fraction:
    """N / (n + 1) R + B / (n + 1): what bounds the expected loss on one new result.

    `mean_loss` R is over `n` labelled results, each loss in [0, `most`] (Angelopoulos et al.,
    arXiv:2208.02814). In fractions of what was written, so that no rounding decides.
    """
    mean, bound = exact(mean_loss), exact(most)
    if n < 0 or not 0 <= mean <= bound:
        raise ValueError(f"a mean loss of {mean_loss} over {n} results is not in [0, {most}]")
    return (n * mean + bound) / (n + 1)


def controlled_threshold(
    candidates: Iterable[float],
    mean_loss: Callable[[float], Fraction],
    n: int,
    alpha: float,
) -> float | None:
    """The smallest candidate whose risk bound is at most `alpha`, or None where none is.

    `mean_loss` gives the mean over `n` results, each loss in [0, 1] and never growing with the
    threshold. Then with n results that are exchangeable with a new one, the expected loss on that
    is at most `alpha`. ValueError unless 0 < alpha < 1.
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha is {alpha}, not between 0 and 1")
    ordered, allowed = sorted(set(candidates)), exact(alpha)
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if risk_bound(mean_loss(ordered[middle]), n) <= allowed:
            high = middle
        else:
            low = middle + 1
    return ordered[low] if low < len(ordered) else None


def exact(value: float | Fraction) -> Fraction:
    """The fraction that was written: 0.1 is one tenth, not the nearest double to it."""
    return value if isinstance(value, Fraction) else Fraction(repr(float(value)))
