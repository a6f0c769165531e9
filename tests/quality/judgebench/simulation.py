"""Simulated judges of known strength: coverage and width of intervals, and alarms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from plimsoll.calibration.judges.alarm import Disagreement, disagreement
from plimsoll.calibration.judges.prediction_powered import (
    Moments,
    powered_rate,
    rectified_mean,
)
from plimsoll.calibration.judges.rates import Counts
from plimsoll.calibration.judges.stream import (
    Passes,
    StreamRate,
    corrected_rate,
    plug_in_rate,
)
from plimsoll.domain.absence import Absence

# Sensitivity and specificity.
JUDGES = ((0.6, 0.6), (0.7, 0.7), (0.9, 0.7), (0.7, 0.9), (0.9, 0.9), (0.97, 0.95), (0.99, 0.99))
LABELS = (20, 50, 100, 200, 500)
RATES = (0.05, 0.2, 0.5, 0.8, 0.95)
STREAM = 1_000
# The mix of right and wrong on which a judge was measured, whatever the stream's.
MEASURED_AT = 0.5

Interval = Callable[[Passes, Counts], StreamRate | Absence]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a simulation of one judge, label count and rate of the stream gave.

    `coverage` and `width` are of the intervals that there were, `answered` is their share.
    """

    sensitivity: float
    specificity: float
    labels: int
    rate: float
    coverage: float
    width: float
    answered: float


def drawn_counts(
    rng: np.random.Generator, right: int, wrong: int, judge: tuple[float, float]
) -> Counts:
    """Verdicts on so many right and wrong items."""
    passed, failed = rng.binomial(right, judge[0]), rng.binomial(wrong, judge[1])
    return Counts(float(passed), float(right - passed), float(wrong - failed), float(failed))


def drawn_audit(
    rng: np.random.Generator, labels: int, rate: float, judge: tuple[float, float]
) -> Counts:
    """Verdicts on so many items of a stream, drawn at random."""
    right = int(rng.binomial(labels, rate))
    return drawn_counts(rng, right, labels - right, judge)


def drawn_passes(
    rng: np.random.Generator, rate: float, judge: tuple[float, float], total: int = STREAM
) -> Passes:
    """A stream's verdicts."""
    passing = rate * judge[0] + (1.0 - rate) * (1.0 - judge[1])
    return Passes(int(rng.binomial(total, passing)), total)


def shifted(
    interval: Interval, judge: tuple[float, float], labels: int, rate: float, draws: int
) -> Cell:
    """Rogan-Gladen: labels at one mix, a stream at another."""
    right = round(labels * MEASURED_AT)
    label = partial(drawn_counts, right=right, wrong=labels - right, judge=judge)
    return _cell(interval=interval, label=label, judge=judge, labels=labels, rate=rate, draws=draws)


def audited(
    interval: Interval, judge: tuple[float, float], labels: int, rate: float, draws: int
) -> Cell:
    """Prediction-powered: labels drawn from the stream itself."""
    label = partial(drawn_audit, labels=labels, rate=rate, judge=judge)
    return _cell(interval=interval, label=label, judge=judge, labels=labels, rate=rate, draws=draws)


def plain_ppi(passes: Passes, audit: Counts) -> StreamRate:
    """The normal limit without power or imaginary items, as the first paper has it."""
    n = audit.right + audit.wrong
    bias = (audit.right_failed - audit.wrong_passed) / n
    spread = (audit.right_failed + audit.wrong_passed) / n - bias**2
    judged = Moments(passes.rate, passes.rate * (1.0 - passes.rate), passes.total)
    return rectified_mean(judged, Moments(bias, spread, int(n)))


def alarm_share(
    measured_as: tuple[float, float],
    now: tuple[float, float],
    labels: int,
    rates: tuple[float, float],
    draws: int,
) -> float:
    """How often the alarm rings: `rates` are of the stream when audited and now.

    `labels` measured the judge, and as many audited the stream.
    """
    rng = np.random.default_rng([labels, *(round(1000 * x) for x in (*measured_as, *now, *rates))])
    right, rung, told = round(labels * MEASURED_AT), 0, 0
    for _ in range(draws):
        found = disagreement(
            drawn_passes(rng, rates[1], now),
            drawn_counts(rng, right, labels - right, measured_as),
            drawn_audit(rng, labels, rates[0], now),
        )
        if isinstance(found, Disagreement):
            told += 1
            rung += found.alarm
    return rung / told


def _cell(
    *,
    interval: Interval,
    label: Callable[[np.random.Generator], Counts],
    judge: tuple[float, float],
    labels: int,
    rate: float,
    draws: int,
) -> Cell:
    rng = np.random.default_rng([labels, *(round(1000 * x) for x in (*judge, rate))])
    covered, widths = 0, []
    for _ in range(draws):
        found = interval(drawn_passes(rng, rate, judge), label(rng))
        if isinstance(found, StreamRate):
            covered += found.lower <= rate <= found.upper
            widths.append(found.upper - found.lower)
    return Cell(
        sensitivity=judge[0],
        specificity=judge[1],
        labels=labels,
        rate=rate,
        coverage=covered / len(widths),
        width=float(np.mean(widths)),
        answered=len(widths) / draws,
    )


def grid(run: Callable[..., Cell], interval: Interval, draws: int) -> list[Cell]:
    """Every judge with every number of labels at every rate."""
    return [
        run(interval, judge, labels, rate, draws)
        for judge in JUDGES
        for labels in LABELS
        for rate in RATES
    ]


METHODS: dict[str, tuple[Callable[..., Cell], Interval]] = {
    "Rogan-Gladen, Fieller": (shifted, corrected_rate),
    "Rogan-Gladen, adjusted Wald": (shifted, plug_in_rate),
    "PPI++, half an item a cell": (audited, powered_rate),
    "PPI, normal limit": (audited, plain_ppi),
}
