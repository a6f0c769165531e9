"""Simulated panels: how often the interval of one result holds its true P(right)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from plimsoll.calibration.judges.alike import Alike, spanned
from plimsoll.calibration.judges.beta import Beta
from plimsoll.calibration.judges.posterior import Vote, posterior_logits
from plimsoll.calibration.judges.rates import Counts, Standing
from plimsoll.domain.score import Interval

Votes = NDArray[np.bool_]

# Accuracies of the jurors; one of them is a judge alone.
PANELS = ((0.7,), (0.9,), (0.99,), (0.8,) * 3, (0.9, 0.75, 0.65), (0.95,) * 3, (0.8,) * 5)
CORRELATIONS = (0.0, 0.3, 0.55)
LABELS = (20, 50, 200, 500)
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class PanelCell:
    """What a simulation of one panel gave; `naive` is the coverage of naive Bayes' interval."""

    accuracies: tuple[float, ...]
    correlation: float
    labels: int
    coverage: float
    width: float
    naive: float


def panel_cell(
    accuracies: tuple[float, ...], correlation: float, labels: int, draws: int
) -> PanelCell:
    """Learns from labels, judges new results, and compares with the truth, `draws` times."""
    parts = (correlation, *accuracies)
    rng = np.random.default_rng([labels, *(round(100 * part) for part in parts)])
    truth = {
        votes: _log_ratio(votes, accuracies, correlation)
        for votes in product((False, True), repeat=len(accuracies))
    }
    known: dict[tuple[object, ...], Interval] = {}
    covered, naive, widths = 0, 0, []
    for _ in range(draws):
        right, votes = drawn(rng, accuracies, correlation, labels)
        new = tuple(drawn(rng, accuracies, correlation, 1)[1][:, 0].tolist())
        case, prevalence = _alike(right, votes, new), Beta().after(right.sum(), (~right).sum())
        key = (case, prevalence)
        if key not in known:
            known[key] = spanned([case], prevalence, LEVEL)
        found, true = known[key], truth[new]
        covered += logit(found.lower) <= true <= logit(found.upper)
        widths.append(found.upper - found.lower)
        counts = [_counts(right, own) for own in votes]
        naive += _naive_covers(counts, new, prevalence, true)
    return PanelCell(
        accuracies, correlation, labels, covered / draws, float(np.mean(widths)), naive / draws
    )


def drawn(
    rng: np.random.Generator, accuracies: Sequence[float], correlation: float, items: int
) -> tuple[Votes, Votes]:
    """Labels (even odds), shape (items,), and votes, shape (jurors, items).

    With probability sqrt(correlation) a juror errs where the item is too hard for its accuracy,
    an item being as hard for all; otherwise it errs by itself.
    """
    bars = np.array(accuracies)[:, None]
    right = rng.random(items) < 0.5
    hard = rng.random(items)[None, :] > bars
    own = rng.random((len(bars), items)) > bars
    shares = rng.random((len(bars), items)) < np.sqrt(correlation)
    return right, np.where(shares, hard, own) ^ right


def _log_ratio(votes: Sequence[bool], accuracies: Sequence[float], correlation: float) -> float:
    """The true log of P(votes | right) / P(votes | wrong), which even odds make the logit."""
    hardness = (np.arange(4_000) + 0.5) / 4_000
    both = []
    for label in (True, False):
        likelihood = np.ones_like(hardness)
        for vote, accuracy in zip(votes, accuracies, strict=True):
            errs = np.sqrt(correlation) * (hardness > accuracy)
            errs = errs + (1.0 - np.sqrt(correlation)) * (1.0 - accuracy)
            likelihood = likelihood * (1.0 - errs if vote == label else errs)
        both.append(float(likelihood.mean()))
    return float(np.log(both[0] / both[1]))


def _alike(right: Votes, votes: Votes, new: Sequence[bool]) -> Alike:
    same = (votes == np.array(new)[:, None]).all(axis=0)
    return Alike(
        int((same & right).sum()), int(right.sum()), int((same & ~right).sum()), int((~right).sum())
    )


def _counts(right: Votes, own: Votes) -> Counts:
    return Counts(
        float((own & right).sum()),
        float((~own & right).sum()),
        float((own & ~right).sum()),
        float((~own & ~right).sum()),
    )


def _naive_covers(
    counts: Sequence[Counts], new: Sequence[bool], prevalence: Beta, true: float
) -> bool:
    votes = [
        Vote(count, passed)
        for count, passed in zip(counts, new, strict=True)
        if count.standing is Standing.MEASURED
    ]
    logits = posterior_logits(votes, np.eye(len(votes)), prevalence)
    tail = (1.0 - LEVEL) / 2.0
    lower, upper = np.quantile(logits, [tail, 1.0 - tail])
    return bool(lower <= true <= upper)
