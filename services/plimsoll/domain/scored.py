"""What is published for a result: its scores, its confidence, and how the scoring went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plimsoll.domain.confidence import Confidence, Decision
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position
from plimsoll.domain.result import NO_GEN_AI, GenAi, TaskKind
from plimsoll.domain.score import Score
from plimsoll.domain.sealing import EvidenceState


@dataclass(frozen=True, slots=True)
class MetricObservation:
    """What one metric cost; money is None where unknown."""

    metric: str
    latency: timedelta
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """How a scoring went; never part of a digest."""

    source: Position
    publish_time: datetime
    score_time: datetime
    latency: timedelta
    attempts: int = 1
    metrics: tuple[MetricObservation, ...] = ()
    traceparent: str = ""
    scorer: str = ""


@dataclass(frozen=True, slots=True)
class ScoredResult:
    """A result's scores and confidence under one score ID."""

    key: ResultKey
    score_id: str
    revision: int
    input_digest: str
    plan_version: str
    scores: tuple[Score, ...]
    confidence: Confidence
    conversation_id: str = ""
    turn: int | None = None
    subject_id: str = ""
    create_time: datetime | None = None
    task_kind: TaskKind = TaskKind.UNSPECIFIED
    language: str = ""
    gen_ai: GenAi = NO_GEN_AI
    content_digest: str = ""
    decision: Decision | None = None
    complete: bool = True
    evidence_trimmed: bool = False
    evidence_state: EvidenceState = EvidenceState.CLEAR
    observation: Observation | None = None
