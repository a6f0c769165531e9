"""How far confidences can be trusted: told against labels that no scorer saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from plimsoll.calibration.statistics import auroc, bootstrap, ece, null_ece, risk_at
from plimsoll.cli.demo.facts import Kept, Quality, SetQuality
from plimsoll.cli.sample import SampleLabel
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.score import Interval
from plimsoll.domain.scored import ScoredResult

_SEED = 20
_REPLICATES = 500
_SHARE = 0.6
_LENGTH = "response_length"
# Who has no confidence is ranked below everybody who has one.
_NO_POINT = -1.0


def judge(
    scored: Mapping[ResultKey, ScoredResult], labels: Mapping[ResultKey, SampleLabel]
) -> Quality:
    """Statistics over the results that have both a score and a label."""
    keys = [key for key in labels if key in scored]
    confidences = [scored[key].confidence.estimate for key in keys]
    right = np.array([labels[key].label for key in keys])
    points = np.array([_NO_POINT if c is None else c.point for c in confidences])
    lowers = np.array([_NO_POINT if c is None else c.interval.lower for c in confidences])
    groups = [labels[key].group for key in keys]
    has = points >= 0.0
    return Quality(
        by_set=tuple(_by_set(keys, labels, scored, right, points)),
        ece=ece(right[has], points[has]),
        null_ece=null_ece(points[has], np.random.default_rng(_SEED), draws=_REPLICATES),
        kept=Kept(
            _SHARE,
            float(1.0 - right.mean()),
            risk_at(right, lowers, _SHARE),
            _kept_interval(right, lowers, groups),
        ),
        without_confidence=int((~has).sum()),
    )


def _by_set(
    keys: Sequence[ResultKey],
    labels: Mapping[ResultKey, SampleLabel],
    scored: Mapping[ResultKey, ScoredResult],
    right: np.ndarray,
    points: np.ndarray,
) -> list[SetQuality]:
    found = []
    lengths = np.array([_length(scored[key]) for key in keys])
    of_key = np.array([labels[key].dataset for key in keys])
    groups = np.array([labels[key].group for key in keys])
    for dataset in sorted(set(of_key)):
        rows = np.flatnonzero(of_key == dataset)
        mine, values = right[rows], points[rows]
        found.append(
            SetQuality(
                dataset=str(dataset),
                results=len(rows),
                wrong=int((1 - mine).sum()),
                auroc=auroc(mine, values),
                interval=_auroc_interval(mine, values, list(groups[rows])),
                length_auroc=auroc(mine, lengths[rows]),
            )
        )
    return found


def _auroc_interval(right: np.ndarray, points: np.ndarray, groups: list[str]) -> Interval | None:
    return bootstrap(
        lambda drawn: auroc(right[drawn], points[drawn]),
        groups,
        np.random.default_rng(_SEED),
        _REPLICATES,
    )


def _kept_interval(right: np.ndarray, lowers: np.ndarray, groups: list[str]) -> Interval | None:
    return bootstrap(
        lambda drawn: risk_at(right[drawn], lowers[drawn], _SHARE),
        groups,
        np.random.default_rng(_SEED),
        _REPLICATES,
    )


def _length(scored: ScoredResult) -> float:
    """The baseline's value: shorter is higher."""
    for score in scored.scores:
        if score.metric == _LENGTH and score.value is not None:
            return score.value
    return 0.0
