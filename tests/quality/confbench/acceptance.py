"""The combined confidence against the best single metric and the best trivial baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.statistics import auroc, log_loss
from plimsoll.calibration.strengths import within_sets
from tests.quality.choosing import OUTER, folds
from tests.quality.confbench.bench import Bench, Crossed
from tests.quality.confbench.figures import (
    Reliability,
    lower_bound_of,
    reliability,
)

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
# By how much the combination may be worse than the best single one on a task, with certainty.
MARGIN = -0.02


@dataclass(frozen=True)
class Rival:
    """A single score that was chosen on training folds, and what the combination gains on it."""

    names: tuple[str, ...]
    auroc: float
    within: float
    gain_lower: float


@dataclass(frozen=True)
class TaskVerdict:
    """A task's figures; `base_log_loss` is that of the training folds' share of right ones."""

    task: str
    n: int
    auroc: float
    within: float
    single: Rival
    trivial: Rival
    reliability: Reliability
    base_log_loss: float

    @property
    def holds(self) -> bool:
        """Whether the combination ranks no worse, is calibrated, and beats the base rate."""
        return (
            min(self.single.gain_lower, self.trivial.gain_lower) >= MARGIN
            and self.reliability.calibrated
            and self.reliability.log_loss < self.base_log_loss
        )


@dataclass(frozen=True)
class Verdict:
    """All tasks, and the lower bounds of the mean gains over them."""

    tasks: tuple[TaskVerdict, ...]
    mean_gain_on_single: float
    mean_gain_on_trivial: float

    @property
    def holds(self) -> bool:
        """Whether every task holds, and the mean gains are above 0 with certainty."""
        gains = min(self.mean_gain_on_single, self.mean_gain_on_trivial)
        return gains > 0.0 and all(task.holds for task in self.tasks)


def judge(bench: Bench, crossed: Crossed) -> Verdict:
    """Every task by itself, and their mean, by one assignment of sources to folds."""
    rivals = {
        task: [
            chosen_scores(bench, task, scores, either_sign=turned, assignment=crossed.assignment)
            for scores, turned in ((bench.deciding, False), (bench.baselines, True))
        ]
        for task in bench.tasks
    }
    tasks = tuple(
        _task_verdict(bench, crossed, task, single, trivial)
        for task, (single, trivial) in rivals.items()
    )
    means = [
        _mean_gain(bench, crossed, {task: pair[place][0] for task, pair in rivals.items()})
        for place in (0, 1)
    ]
    return Verdict(tasks, means[0], means[1])


def chosen_scores(
    bench: Bench,
    task: str,
    candidates: Mapping[str, Floats],
    *,
    either_sign: bool,
    assignment: str = "",
) -> tuple[Floats, tuple[str, ...]]:
    """Scores of a task's records by the candidate that ranked best on the other folds.

    Scores are places among the training values, so that folds which chose differently can be
    pooled; an absent value stands in the middle. A baseline may be turned round.
    """
    rows = bench.rows_of(task)
    labels, fold = bench.table.labels[rows], folds(bench.table.groups[rows], OUTER, assignment)
    scores, names = np.full(len(rows), 0.5), []
    for number in range(OUTER):
        training, held_out = fold != number, fold == number
        best: tuple[float, str, Floats] = (-1.0, "", np.zeros(0))
        for name, column in candidates.items():
            values = column[rows]
            for sign in (1.0, -1.0) if either_sign else (1.0,):
                trained = _places(sign * values[training], sign * values[training])
                found = auroc(labels[training], trained)
                if found > best[0]:
                    placed = _places(sign * values[training], sign * values[held_out])
                    best = (found, name if sign > 0 else f"- {name}", placed)
        scores[held_out] = best[2]
        names.append(best[1])
    return scores, tuple(names)


def _places(training: Floats, values: Floats) -> Floats:
    """The share of training values below each value, ties half; 0.5 where absent."""
    known = np.sort(training[~np.isnan(training)])
    if not len(known):
        return np.full(len(values), 0.5)
    low, high = (np.searchsorted(known, values, side) for side in ("left", "right"))
    return np.where(np.isnan(values), 0.5, (low + high) / (2 * len(known)))


def _task_verdict(
    bench: Bench,
    crossed: Crossed,
    task: str,
    single: tuple[Floats, tuple[str, ...]],
    trivial: tuple[Floats, tuple[str, ...]],
) -> TaskVerdict:
    rows = bench.rows_of(task)
    labels, logits = bench.table.labels[rows], crossed.logits[rows]
    sets, groups = bench.table.sets[rows], bench.table.groups[rows]

    def rival(scores: Floats, names: tuple[str, ...]) -> Rival:
        gain = lower_bound_of(
            lambda drawn: auroc(labels[drawn], logits[drawn]) - auroc(labels[drawn], scores[drawn]),
            groups,
        )
        return Rival(names, auroc(labels, scores), within_sets(labels, scores, sets), gain)

    return TaskVerdict(
        task=task,
        n=len(rows),
        auroc=auroc(labels, logits),
        within=within_sets(labels, logits, sets),
        single=rival(*single),
        trivial=rival(*trivial),
        reliability=reliability(labels, crossed.points[rows]),
        base_log_loss=_base_log_loss(labels, folds(groups, OUTER, crossed.assignment)),
    )


def _base_log_loss(labels: Floats, fold: Rows) -> float:
    """The log-loss of answering with the share of right ones in the other folds."""
    shares = np.array([labels[fold != number].mean() for number in range(OUTER)])
    return log_loss(labels, shares[fold])


def _mean_gain(bench: Bench, crossed: Crossed, scores: Mapping[str, Floats]) -> float:
    """The lower bound of the mean over tasks; a source is drawn with all its tasks at once."""
    rows = np.concatenate([bench.rows_of(task) for task in scores])
    of = np.repeat(list(scores), [len(found) for found in scores.values()])
    labels, ours = bench.table.labels[rows], crossed.logits[rows]
    theirs = np.concatenate(list(scores.values()))

    def mean(drawn: Rows) -> float:
        gains = []
        for task in scores:
            part = drawn[of[drawn] == task]
            gains.append(auroc(labels[part], ours[part]) - auroc(labels[part], theirs[part]))
        return float(np.mean(gains))

    return lower_bound_of(mean, bench.table.groups[rows])
