"""From which confidence on results may be accepted, so that few enough of them are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.calibration.proportions import at_most, upper_bound
from plimsoll.domain.absence import Absence, AbsenceReason

# From strict to lax; set before the labels are seen, as the guarantee demands.
CANDIDATES = (0.995, *(percent / 100 for percent in range(99, 49, -1)))
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
    *,
    candidates: Sequence[float] = CANDIDATES,
    fewest: int = MIN_ACCEPTED,
) -> Certified | Absence:
    """The laxest threshold whose risk is at most `alpha`, wrong with probability at most `delta`.

    Fixed-sequence testing with exact bounds (Learn then Test, arXiv:2110.01052; Trust or Escalate,
    arXiv:2407.18370): candidates are tried from strict to lax until the first whose Clopper-Pearson
    upper bound exceeds alpha. `labels` are 1 (right) or 0 (wrong) and exchangeable with what comes;
    a result is accepted at its confidence or above. Thresholds that accept fewer than `fewest`, or
    too few for one wrong one to be forgiven, are passed over: the sequence would end there by
    chance alone. That is exact
    where a laxer threshold never has the smaller risk, and costs delta once more for each dip of
    the risk else. An absence where nothing can be certified.
    """
    rest = sorted(zip(confidences, labels, strict=True))
    fewest = _fewest(alpha, delta, fewest, len(rest))
    accepted, wrong = 0, 0
    best: tuple[float, int, int] | None = None
    for threshold in sorted(candidates, reverse=True):
        while rest and rest[-1][0] >= threshold:
            accepted, wrong = accepted + 1, wrong + 1 - rest.pop()[1]
        if accepted < fewest:
            continue
        # The bound exceeds alpha exactly where so few wrong ones are likelier than delta at alpha.
        if wrong > alpha * accepted or at_most(wrong, accepted, alpha) > delta:
            break
        best = threshold, accepted, wrong
    if best is None:
        detail = f"{len(labels)} labels certify no threshold for a risk of {alpha:g}"
        return Absence(AbsenceReason.ABSTAINED, detail)
    threshold, accepted, wrong = best
    return Certified(threshold, accepted, wrong, upper_bound(wrong, accepted, 1.0 - delta))


def _fewest(alpha: float, delta: float, least: int, most: int) -> int:
    """How many must be accepted for one wrong one to be forgiven, from `least` to `most` + 1."""
    count = least
    while count <= most and at_most(1, count, alpha) > delta:
        count += 1
    return count
