"""From which confidence on results may be accepted, so that few enough of them are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.calibration.proportions import upper_bound
from plimsoll.domain.absence import Absence, AbsenceReason

# From strict to lax; set before the labels are seen, as the guarantee demands.
CANDIDATES = tuple(percent / 100 for percent in range(99, 49, -1))
MIN_ACCEPTED = 30


@dataclass(frozen=True, slots=True)
class Certified:
    """A threshold, what it accepted among the labelled, and the bound on the risk above it."""

    threshold: float
    accepted: int
    wrong: int
    bound: float


def certified_threshold(
    labels: Sequence[int],
    confidences: Sequence[float],
    alpha: float,
    delta: float,
    candidates: Sequence[float] = CANDIDATES,
) -> Certified | Absence:
    """The laxest threshold whose risk is at most `alpha`, wrong with probability at most `delta`.

    Fixed-sequence testing with exact bounds (Learn then Test, arXiv:2110.01052; Trust or Escalate,
    arXiv:2407.18370): candidates are tried from strict to lax until the first whose Clopper-Pearson
    upper bound exceeds alpha. `labels` are 1 (right) or 0 (wrong) and exchangeable with what comes;
    a result is accepted at its confidence or above. An absence where nothing can be certified.
    """
    best: Certified | None = None
    for threshold in sorted(candidates, reverse=True):
        taken = [y for y, c in zip(labels, confidences, strict=True) if c >= threshold]
        if len(taken) < MIN_ACCEPTED:
            continue
        wrong = len(taken) - sum(taken)
        bound = upper_bound(wrong, len(taken), 1.0 - delta)
        if bound > alpha:
            break
        best = Certified(threshold, len(taken), wrong, bound)
    if best is None:
        detail = f"{len(labels)} labels certify no threshold for a risk of {alpha:g}"
        return Absence(AbsenceReason.ABSTAINED, detail)
    return best
