"""Scored results that tests of what comes after the scorer share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from plimsoll.domain.absence import Absence
from plimsoll.domain.confidence import Confidence, ConfidenceStatus, Estimate
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position
from plimsoll.domain.result import GenAi, TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Score
from plimsoll.domain.scored import Observation, ScoredResult
from plimsoll.wire.scored import encode_scored

MAX_BYTES = 262_144
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at_ms(published_ms: int) -> datetime:
    """Milliseconds since the epoch as a time."""
    return _EPOCH + timedelta(milliseconds=published_ms)


def _estimate(point: float | Absence) -> Estimate | Absence:
    if isinstance(point, Absence):
        return point
    lower, upper = max(0.0, point - 0.25), min(1.0, point + 0.25)
    return Estimate(point, Interval(lower, upper, 0.9, IntervalKind.CREDIBLE))


def scored_event(
    result_id: str,
    published_ms: int,
    *,
    point: float | Absence = 0.5,
    scores: Mapping[str, float | Absence] | None = None,
    revision: int = 0,
    tenant: str = "default",
    model: str = "m-1",
    task_kind: TaskKind = TaskKind.OPEN_QA,
) -> ScoredResult:
    """A scored result whose input was published at that time."""
    outcomes = {} if scores is None else scores
    published = at_ms(published_ms)
    return ScoredResult(
        key=ResultKey(tenant, result_id),
        score_id=f"score-{result_id}-{revision}",
        revision=revision,
        input_digest=f"digest-{result_id}",
        plan_version="plan-1",
        scores=tuple(Score(metric, "1", outcome) for metric, outcome in outcomes.items()),
        confidence=Confidence(_estimate(point), ConfidenceStatus.PRIOR, "prior-1", labels=100),
        task_kind=task_kind,
        gen_ai=GenAi(request_model=model),
        observation=Observation(
            source=Position("results", 0, 0),
            publish_time=published,
            score_time=published + timedelta(milliseconds=5),
            latency=timedelta(milliseconds=5),
        ),
    )


def event_value(scored: ScoredResult) -> bytes:
    """What stands on the scores topic."""
    value = encode_scored(scored, "scores", MAX_BYTES).value
    if value is None:
        raise AssertionError("an encoded event without a value")
    return value
