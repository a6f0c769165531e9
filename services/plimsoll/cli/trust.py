"""How far confidences of labelled results can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plimsoll.calibration.statistics import auroc, bootstrap, ece, null_ece, risk_at
from plimsoll.domain.score import Interval
from plimsoll.domain.scored import ScoredResult

_SEED = 20
_REPLICATES = 1_000
_SHARES = (0.8, 0.6, 0.4)
_BINS = 10
_LENGTH = "response_length"
# Who has no confidence is ranked below everybody who has one.
NO_POINT = -1.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """A scored result, whether it is right, and what it stands or falls with."""

    scored: ScoredResult
    label: int
    group: str


@dataclass(frozen=True, slots=True)
class Bin:
    """Results of similar confidence: what was claimed, and what came true."""

    lower: float
    upper: float
    results: int
    claimed: float
    right: float


@dataclass(frozen=True, slots=True)
class Keeping:
    """The error rate among the best `share` by lower bound."""

    share: float
    errors: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Trust:
    """Figures over labelled results; AUROCs are None where all are right or all are wrong."""

    results: int
    wrong: int
    without_confidence: int
    auroc: float | None
    auroc_interval: Interval | None
    auroc_length: float | None
    ece: float | None
    null_ece: float | None
    bins: tuple[Bin, ...]
    kept: tuple[Keeping, ...]

    @property
    def errors(self) -> float:
        """The error rate among all."""
        return self.wrong / self.results


def measure(labelled: Sequence[Labelled]) -> Trust:
    """All figures; ValueError where there is no label."""
    if not labelled:
        raise ValueError("no result has a label")
    right = np.array([one.label for one in labelled])
    estimates = [one.scored.confidence.estimate for one in labelled]
    points = np.array([NO_POINT if e is None else e.point for e in estimates])
    lowers = np.array([NO_POINT if e is None else e.interval.lower for e in estimates])
    lengths = np.array([length_of(one.scored) for one in labelled])
    groups = [one.group for one in labelled]
    has = points >= 0.0
    both = 0 < right.sum() < len(right)
    return Trust(
        results=len(right),
        wrong=int(len(right) - right.sum()),
        without_confidence=int((~has).sum()),
        auroc=auroc(right, points) if both else None,
        auroc_interval=auroc_interval(right, points, groups) if both else None,
        auroc_length=auroc(right, lengths) if both else None,
        ece=ece(right[has], points[has], _BINS) if has.any() else None,
        null_ece=null_of(points[has]) if has.any() else None,
        bins=tuple(_bins(right[has], points[has])),
        kept=tuple(keeping(right, lowers, groups, share) for share in _SHARES),
    )


def keeping(right: np.ndarray, lowers: np.ndarray, groups: Sequence[str], share: float) -> Keeping:
    """The error rate among the best `share` by lower bound, with its bootstrap interval."""
    interval = bootstrap(
        lambda drawn: risk_at(right[drawn], lowers[drawn], share),
        groups,
        np.random.default_rng(_SEED),
        _REPLICATES,
    )
    return Keeping(share, risk_at(right, lowers, share), interval)


def auroc_interval(right: np.ndarray, points: np.ndarray, groups: Sequence[str]) -> Interval | None:
    """A bootstrap interval over groups; None where it cannot be had."""
    return bootstrap(
        lambda drawn: auroc(right[drawn], points[drawn]),
        groups,
        np.random.default_rng(_SEED),
        _REPLICATES,
    )


def null_of(points: np.ndarray) -> float:
    """The ECE that chance alone makes of such confidences."""
    return null_ece(points, np.random.default_rng(_SEED), _BINS, _REPLICATES)


def _bins(right: np.ndarray, points: np.ndarray) -> list[Bin]:
    """Bins of equal width on [0, 1]; empty ones are left out."""
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    bin_of = np.minimum((points * _BINS).astype(int), _BINS - 1)
    return [
        Bin(
            float(edges[index]),
            float(edges[index + 1]),
            int(members.sum()),
            float(points[members].mean()),
            float(right[members].mean()),
        )
        for index in range(_BINS)
        if (members := bin_of == index).any()
    ]


def length_of(scored: ScoredResult) -> float:
    """The baseline's value: shorter is higher."""
    for score in scored.scores:
        if score.metric == _LENGTH and score.value is not None:
            return score.value
    return 0.0
