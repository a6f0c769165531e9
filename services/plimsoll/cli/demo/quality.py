"""How far confidences can be trusted: told against labels that no scorer saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from plimsoll.calibration.statistics import auroc, ece
from plimsoll.cli.demo.facts import Kept, Quality, SetQuality
from plimsoll.cli.sample import SampleLabel
from plimsoll.cli.trust import NO_POINT, auroc_interval, keeping, length_of, null_of
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scored import ScoredResult

_SHARE = 0.6


def judge(
    scored: Mapping[ResultKey, ScoredResult], labels: Mapping[ResultKey, SampleLabel]
) -> Quality:
    """Statistics over the results that have both a score and a label."""
    keys = [key for key in labels if key in scored]
    confidences = [scored[key].confidence.estimate for key in keys]
    right = np.array([labels[key].label for key in keys])
    points = np.array([NO_POINT if c is None else c.point for c in confidences])
    lowers = np.array([NO_POINT if c is None else c.interval.lower for c in confidences])
    groups = [labels[key].group for key in keys]
    has = points >= 0.0
    kept = keeping(right, lowers, groups, _SHARE)
    return Quality(
        by_set=tuple(_by_set(keys, labels, scored, right, points)),
        ece=ece(right[has], points[has]),
        null_ece=null_of(points[has]),
        kept=Kept(_SHARE, float(1.0 - right.mean()), kept.errors, kept.interval),
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
    lengths = np.array([length_of(scored[key]) for key in keys])
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
                interval=auroc_interval(mine, values, list(groups[rows])),
                length_auroc=auroc(mine, lengths[rows]),
            )
        )
    return found
