"""Where learning stands: what depends on the order in which labels came.

Offsets are of the feedback topic, by partition; a partition that is not named stands for 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PromiseWatch:
    """Evidence against a promise since it was made: `wrong` of `seen` covered results."""

    log_wealth: float = 0.0
    seen: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class PromiseProgress:
    """How far the promise of one error rate is; `watch` is None where nothing is promised.

    Only labels at or after `epoch` count for it.
    """

    error_rate: float
    epoch: Mapping[int, int] = field(default_factory=dict)
    attempts: int = 0
    watch: PromiseWatch | None = None


@dataclass(frozen=True, slots=True)
class CalibrationProgress:
    """How far the calibration is; only labels at or after `epoch` count for it.

    The logarithms are of evidence since the fit that results are right more, or less, often than
    it says.
    """

    epoch: Mapping[int, int] = field(default_factory=dict)
    labels_since_fit: int = 0
    log_wealth_more: float = 0.0
    log_wealth_less: float = 0.0


@dataclass(frozen=True, slots=True)
class LearningState:
    """What the next label of a scope continues from; `cursor` holds the next offsets."""

    cursor: Mapping[int, int] = field(default_factory=dict)
    calibration: CalibrationProgress = CalibrationProgress()
    promises: tuple[PromiseProgress, ...] = ()
