"""The shipped sample, scored by the shipped prior."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from plimsoll.calibration.combine import Combination
from plimsoll.domain.confidence import Confidence
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.wire.json_results import result_from_json
from tests.quality.build_sample import SAMPLE


@dataclass(frozen=True)
class Shipped:
    """A result of the sample with its label, scores and confidence."""

    result: LlmResult
    label: int
    set_name: str
    group: str
    scores: dict[str, Score]
    confidence: Confidence

    @property
    def point(self) -> float:
        """The confidence; a result without one ranks below all others."""
        estimate = self.confidence.estimate
        return 0.0 if estimate is None else estimate.point


@cache
def shipped() -> tuple[Shipped, ...]:
    """Every result of the sample, in its order."""
    return tuple(_scored())


def _scored() -> Iterator[Shipped]:
    metrics, prior = registered_metrics(), Combination.load_prior()
    labels = (SAMPLE / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["result_id"]: row for row in map(json.loads, labels)}
    with gzip.open(SAMPLE / "results.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            result = result_from_json(line)
            row = rows[result.key.result_id]
            scores = {m.spec.name: evaluate(m, result) for m in metrics}
            yield Shipped(
                result=result,
                label=row["label"],
                set_name=row["set"],
                group=row["group"],
                scores=scores,
                confidence=prior.combine(tuple(scores.values()), result),
            )
