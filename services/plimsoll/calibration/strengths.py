"""How well the values of one metric rank right above wrong, on labels: its strength."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.statistics import Floats, auroc
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Strength, Unmeasured

SEED = 20_260_101
REPLICATES, LEVEL = 1_000, 0.9
# How often a label is drawn is kept for so many at once, eight bytes each.
_MAX_DRAWN = 4_000_000

Names = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Least:
    """So many labels a figure takes, and so many right ones and wrong ones among them.

    Fewer `groups` would make an interval that is too narrow.
    """

    labels: int = 50
    of_each: int = 10
    groups: int = 10


LEAST = Least()


@dataclass(frozen=True, slots=True)
class Figure:
    """An AUROC with its bootstrap interval, and how many labels it rests on."""

    auroc: float
    interval: Interval
    labels: int

    def strength(self, dataset: str, kind: TaskKind, language: str, model: str) -> Strength:
        """It with what it was measured on, to three decimals: more would say nothing."""
        lower, upper = round(self.interval.lower, 3), round(self.interval.upper, 3)
        return Strength(
            auroc=round(self.auroc, 3),
            interval=replace(self.interval, lower=lower, upper=upper),
            labels=self.labels,
            dataset=dataset,
            task_kind=kind,
            language=language,
            model=model,
        )


def figure_of(
    labels: Floats,
    values: Floats,
    groups: Sequence[str],
    sets: Sequence[str] = (),
    least: Least = LEAST,
) -> Figure | Unmeasured:
    """The figure of values that have labels, in any order, or why there is none; shapes (n,).

    `groups` stand or fall together, and are drawn whole. Where `sets` are named, it is the mean
    over them of the AUROC inside each (see `within_sets`); labels of a set in which all are right,
    or all are wrong, say nothing and do not count.
    """
    of_set = np.array(sets or [""] * len(labels), dtype=str)
    told = telling(labels, of_set)
    if told.any():
        labels, values, of_set = labels[told], values[told], of_set[told]
        groups = [group for group, tells in zip(groups, told, strict=True) if tells]
    too_few = _too_few(labels, groups, least)
    if too_few:
        return Unmeasured(too_few)
    drawn = within_sets_drawn(labels, values, of_set, groups)
    known = drawn[~np.isnan(drawn)]
    if 2 * len(known) < len(drawn):
        return Unmeasured("right and wrong ones lie in too few groups")
    point = within_sets(labels, values, of_set)
    lower, upper = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    # Nothing makes percentiles hold the figure itself; an interval does.
    interval = Interval(
        min(float(lower), point), max(float(upper), point), LEVEL, IntervalKind.BOOTSTRAP
    )
    return Figure(point, interval, len(labels))


def _too_few(labels: Floats, groups: Sequence[str], least: Least) -> str:
    """What there is less of than it takes, or ''."""
    right = int(labels.sum())
    rarer = min(right, len(labels) - right)
    if len(labels) < least.labels:
        return f"{len(labels)} labels, it takes {least.labels}"
    if rarer < least.of_each:
        return f"{rarer} of the rarer kind, right or wrong, it takes {least.of_each}"
    count = len(set(groups))
    return f"{count} groups, it takes {least.groups}" if count < least.groups else ""


def telling(labels: Floats, sets: Names) -> NDArray[np.bool_]:
    """Which labels tell anything of a ranking inside sets: those of sets with right and wrong ones.

    A set of wrong ones alone must not make up for those that the others lack.
    """
    both = [name for name in set(sets.tolist()) if 0.0 < labels[sets == name].mean() < 1.0]
    return np.isin(sets, both)


def within_sets(labels: Floats, scores: Floats, sets: Names) -> float:
    """The mean over sets of the AUROC inside each, so that base rates between sets do not help.

    A set weighs as much as it knows: an AUROC's variance falls with right x wrong / (right +
    wrong), so that twenty labels, two of them wrong, do not weigh as much as five hundred.
    ValueError where no set has both labels.
    """
    found, weights = [], []
    for name in sorted(set(sets.tolist())):
        rows = sets == name
        share = labels[rows].mean()
        if 0.0 < share < 1.0:
            found.append(auroc(labels[rows], scores[rows]))
            weights.append(rows.sum() * share * (1.0 - share))
    if not found:
        raise ValueError("no set has right and wrong results")
    return float(np.average(found, weights=weights))


def within_sets_drawn(labels: Floats, scores: Floats, sets: Names, groups: Sequence[str]) -> Floats:
    """`within_sets` of each bootstrap draw of whole groups; shape (replicates,).

    The same draws as `bootstrap` makes; NaN where no set has right and wrong ones. Ties half.
    """
    _, group_of = np.unique(np.asarray(groups), return_inverse=True)
    rng, count = np.random.default_rng(SEED), int(group_of.max()) + 1
    at_once = max(1, _MAX_DRAWN // len(labels))
    parts = []
    for first in range(0, REPLICATES, at_once):
        draws = range(first, min(REPLICATES, first + at_once))
        times = np.array(
            [np.bincount(rng.integers(count, size=count), minlength=count) for _ in draws]
        )[:, group_of]
        parts.append(_drawn(labels, scores, sets, times))
    return np.concatenate(parts)


def _drawn(labels: Floats, scores: Floats, sets: Names, times: NDArray[np.intp]) -> Floats:
    """`within_sets` where each label counts so many times; `times` has shape (draws, n)."""
    total, mass = np.zeros(len(times)), np.zeros(len(times))
    for name in sorted(set(sets.tolist())):
        rows = np.flatnonzero(sets == name)
        rows = rows[np.argsort(scores[rows], kind="stable")]
        starts = np.flatnonzero(np.diff(scores[rows], prepend=-np.inf))
        right = np.add.reduceat(times[:, rows] * labels[rows], starts, axis=1)
        wrong = np.add.reduceat(times[:, rows] * (1.0 - labels[rows]), starts, axis=1)
        below = np.cumsum(wrong, axis=1) - 0.5 * wrong
        rights, wrongs = right.sum(axis=1), wrong.sum(axis=1)
        pairs = rights * wrongs
        there = pairs > 0.0
        weight = np.where(there, pairs / np.maximum(rights + wrongs, 1.0), 0.0)
        total += weight * (right * below).sum(axis=1) / np.where(there, pairs, 1.0)
        mass += weight
    return np.where(mass > 0.0, total / np.where(mass > 0.0, mass, 1.0), np.nan)
