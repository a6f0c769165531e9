"""Where learning stands: what depends on the order in which labels came.

Offsets are of the feedback topic, by partition; a partition that is not named stands for 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bets:
    """What bets against a claim have come to, and sums that the next one goes by."""

    log_wealth: float = 0.0
    weight: float = 0.0
    total: float = 0.0
    total_squares: float = 0.0


NO_BETS = Bets()


@dataclass(frozen=True, slots=True)
class PromiseWatch:
    """Evidence against a promise since it was made: `wrong` of `seen` covered results."""

    bets: Bets = NO_BETS
    seen: int = 0
    wrong: int = 0


NO_WATCH = PromiseWatch()


@dataclass(frozen=True, slots=True)
class PromiseProgress:
    """How far the promise of one error rate is; `watch` is None where nothing is promised.

    Only labels at or after `epoch` count for it: `labels` results have any that stand.
    """

    error_rate: float
    epoch: Mapping[int, int] = field(default_factory=dict)
    attempts: int = 0
    watch: PromiseWatch | None = None
    labels: int = 0


@dataclass(frozen=True, slots=True)
class CalibrationProgress:
    """How far the calibration is; only labels at or after `epoch` count for it.

    `labels` results have any of those that stand, and `right` of them are right.
    `bets` are that results are right more, or less, often than was said since the first fit, over
    `labels_watched` labels.
    """

    epoch: Mapping[int, int] = field(default_factory=dict)
    labels_since_fit: int = 0
    labels_watched: int = 0
    bets: Bets = NO_BETS
    labels: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class LearningState:
    """What the next label of a scope continues from; `cursor` holds the next offsets."""

    cursor: Mapping[int, int] = field(default_factory=dict)
    calibration: CalibrationProgress = CalibrationProgress()
    promises: tuple[PromiseProgress, ...] = ()
