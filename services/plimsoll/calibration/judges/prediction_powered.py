"""The share of right results in a stream, from a random audit of it and a judge on the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from plimsoll.calibration.judges.rates import Counts
from plimsoll.calibration.judges.stream import Passes, StreamRate, adjusted_passes
from plimsoll.domain.absence import Absence, AbsenceReason

# Imaginary items in each of the four cells of label and verdict (Agresti and Min, 2005), so that
# an audit in which the judge never erred does not say that it never will.
_IMAGINARY = 0.5
MIN_AUDIT = 10


@dataclass(frozen=True, slots=True)
class Rectified:
    """An audit's part of the estimate: theta = power * pass rate + rest, and the rest's variance.

    `power` in [0, 1] is how much of the judge to believe: 0 leaves the audit alone.
    """

    power: float
    rest: float
    variance: float


def powered_rate(passes: Passes, audit: Counts, level: float = 0.95) -> StreamRate | Absence:
    """PPI++ (Angelopoulos et al., arXiv:2311.01453) for a share, tuned to the least variance.

    `audit` are labelled verdicts on results drawn at random from the stream that `passes` counts,
    and are not among them. It holds whatever the judge has become, and fails where the audit was
    drawn from another stream. An absence below MIN_AUDIT items.
    """
    if audit.right + audit.wrong < MIN_AUDIT:
        items = f"{audit.right + audit.wrong:g} audited, needs {MIN_AUDIT}"
        return Absence(AbsenceReason.INSUFFICIENT_SAMPLES, items)
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    part, p = rectified(passes, audit), adjusted_passes(passes, z)
    centre = part.power * p.rate + part.rest
    margin = z * math.sqrt(part.power**2 * p.variance + part.variance)
    return StreamRate(
        min(1.0, max(0.0, centre)),
        min(1.0, max(0.0, centre - margin)),
        min(1.0, max(0.0, centre + margin)),
        level,
    )


def rectified(passes: Passes, audit: Counts) -> Rectified:
    """The power of least variance, cov(y, f) / (var f + (n/N) var p), and what is left."""
    cells = (audit.right_passed, audit.right_failed, audit.wrong_passed, audit.wrong_failed)
    both, label_only, verdict_only, neither = (cell + _IMAGINARY for cell in cells)
    n = both + label_only + verdict_only + neither
    y, f = (both + label_only) / n, (both + verdict_only) / n
    covariance, spread = both / n - y * f, f * (1.0 - f)
    ratio = n / passes.total
    power = covariance / (spread + ratio * passes.rate * (1.0 - passes.rate))
    power = min(1.0, max(0.0, power))
    variance = y * (1.0 - y) + power**2 * spread - 2.0 * power * covariance
    return Rectified(power, y - power * f, max(0.0, variance) / n)


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean, variance and number of what was measured on some results."""

    mean: float
    variance: float
    size: int


def rectified_mean(judged: Moments, rectifier: Moments, level: float = 0.95) -> StreamRate:
    """PPI (Angelopoulos et al., arXiv:2301.09633) for values of any kind, by the normal limit.

    `judged` are the judge's values on the stream, `rectifier` label less value in the audit. Its
    interval wants some hundred audited items; for shares take `powered_rate`.
    """
    point = judged.mean + rectifier.mean
    variance = judged.variance / judged.size + rectifier.variance / rectifier.size
    margin = NormalDist().inv_cdf(0.5 + level / 2.0) * math.sqrt(variance)
    return StreamRate(point, point - margin, point + margin, level)
