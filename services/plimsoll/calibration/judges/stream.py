"""The share of right results in a stream, from a judge's pass rate and what labels say of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from plimsoll.calibration.judges.rates import MARGIN, Counts, Standing
from plimsoll.domain.absence import Absence, AbsenceReason


@dataclass(frozen=True, slots=True)
class Passes:
    """Verdicts of one judge on a stream: how many passed, of how many."""

    passed: int
    total: int

    def __post_init__(self) -> None:
        """ValueError for counts that cannot be."""
        if self.total < 1 or not 0 <= self.passed <= self.total:
            raise ValueError(f"{self.passed} of {self.total} passed: give at least one verdict")

    @property
    def rate(self) -> float:
        """The judge's own pass rate."""
        return self.passed / self.total


@dataclass(frozen=True, slots=True)
class StreamRate:
    """A share of right results in [0, 1], with the confidence interval around it."""

    point: float
    lower: float
    upper: float
    level: float


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A share with z^2/2 (or 1) imaginary counts on each side, and its variance."""

    rate: float
    variance: float


def corrected_rate(passes: Passes, counts: Counts, level: float = 0.95) -> StreamRate | Absence:
    """Rogan and Gladen's (1978) corrected rate, with an interval by Fieller (1954).

    The rate is (p + spec - 1) / (sens + spec - 1); `counts` may come from another mix of right
    and wrong than the stream's, but from the same judge. The interval holds every rate at which
    p differs from what it would be by no more than chance, so that it does not take a weak
    judge's denominator for known; where nothing is excluded it is [0, 1].
    """
    refused = cannot_correct(counts)
    if refused is not None:
        return refused
    z = _z(level)
    p, sens, spec = _adjusted(passes, counts, z)
    gain, excess = sens.rate + spec.rate - 1.0, p.rate + spec.rate - 1.0
    a = gain**2 - z**2 * (spec.variance + sens.variance)
    b = -2.0 * (excess * gain - z**2 * spec.variance)
    c = excess**2 - z**2 * (p.variance + spec.variance)
    if a <= 0.0:
        return StreamRate(_point(passes, counts), 0.0, 1.0, level)
    # Never below 0: the variances of p, sens and spec are not negative.
    root = math.sqrt(max(0.0, b**2 - 4.0 * a * c))
    lower, upper = (-b - root) / (2.0 * a), (-b + root) / (2.0 * a)
    return _clipped(_point(passes, counts), lower, upper, level)


def plug_in_rate(passes: Passes, counts: Counts, level: float = 0.95) -> StreamRate | Absence:
    """The same rate with the interval of Lee et al. (arXiv:2511.21140): adjusted Wald, shifted.

    Narrower than Fieller's where a judge is weak, and then it covers less than it says.
    """
    refused = cannot_correct(counts)
    if refused is not None:
        return refused
    z = _z(level)
    p, sens, spec = _adjusted(passes, counts, z)
    gain = sens.rate + spec.rate - 1.0
    rate = (p.rate + spec.rate - 1.0) / gain
    shift = 2.0 * z**2 * (rate * sens.variance - (1.0 - rate) * spec.variance)
    variance = p.variance + (1.0 - rate) ** 2 * spec.variance + rate**2 * sens.variance
    margin = z * math.sqrt(variance) / gain
    return _clipped(_point(passes, counts), rate + shift - margin, rate + shift + margin, level)


def cannot_correct(counts: Counts) -> Absence | None:
    """Why no rate can be corrected with such counts, or None where one can."""
    if counts.standing is Standing.UNMEASURED:
        missing = "right" if not counts.right else "wrong"
        return Absence(
            AbsenceReason.INPUT_MISSING, f"unmeasured: no labelled verdict on a {missing} result"
        )
    # The rate divides by what was counted, the standing goes by posteriors, which few labels of one
    # kind lift: a judge that fails all that it is shown is still a coin.
    counted = counts.right_passed / counts.right + counts.wrong_failed / counts.wrong
    total = min(counted, counts.sensitivity.mean + counts.specificity.mean)
    if total <= 1.0 + MARGIN:
        return Absence(
            AbsenceReason.JUDGE_UNINFORMATIVE,
            f"sensitivity and specificity add up to {total:.2f}, not above {1.0 + MARGIN:.2f}",
        )
    return None


def labels_for_right(total: int, pilot: Counts, passes: Passes) -> int:
    """How many of `total` labels to spend on right results, for the narrowest corrected rate.

    m1 = m / (1 + (1/p - 1) sqrt(kappa)) of Lee et al. (arXiv:2511.21140), with kappa the ratio of
    smoothed error rates in a pilot of labels; the rest go to wrong results. At least one each.
    """
    pilot_size = pilot.right + pilot.wrong
    false_pass = pilot.wrong_passed / pilot.wrong
    false_fail = pilot.right_failed / pilot.right
    kappa = (pilot_size * false_pass + 1.0) / (pilot_size * false_fail + 1.0)
    # A rate of 0 would take every label from one kind.
    rate = (passes.passed + 0.5) / (passes.total + 1.0)
    share = 1.0 / (1.0 + (1.0 / rate - 1.0) * math.sqrt(kappa))
    return min(total - 1, max(1, round(total * share)))


def adjusted_passes(passes: Passes, z: float) -> Adjusted:
    """The pass rate after Agresti and Coull (1998)."""
    total = passes.total + z**2
    rate = (passes.passed + z**2 / 2.0) / total
    return Adjusted(rate, rate * (1.0 - rate) / total)


def adjusted_sensitivity(counts: Counts) -> Adjusted:
    """With one imaginary pass and one imaginary fail."""
    return _plus_one(counts.right_passed, counts.right)


def adjusted_specificity(counts: Counts) -> Adjusted:
    """With one imaginary pass and one imaginary fail."""
    return _plus_one(counts.wrong_failed, counts.wrong)


def _adjusted(passes: Passes, counts: Counts, z: float) -> tuple[Adjusted, Adjusted, Adjusted]:
    return adjusted_passes(passes, z), adjusted_sensitivity(counts), adjusted_specificity(counts)


def _plus_one(hits: float, total: float) -> Adjusted:
    rate = (hits + 1.0) / (total + 2.0)
    return Adjusted(rate, rate * (1.0 - rate) / (total + 2.0))


def _point(passes: Passes, counts: Counts) -> float:
    sensitivity = counts.right_passed / counts.right
    specificity = counts.wrong_failed / counts.wrong
    rate = (passes.rate + specificity - 1.0) / (sensitivity + specificity - 1.0)
    return min(1.0, max(0.0, rate))


def _clipped(point: float, lower: float, upper: float, level: float) -> StreamRate:
    return StreamRate(point, min(1.0, max(0.0, lower)), min(1.0, max(0.0, upper)), level)


def _z(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2.0)
