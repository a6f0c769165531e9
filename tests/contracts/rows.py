"""Rows for tests of stores: what matters is named, the rest is filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from plimsoll.domain.confidence import Verdict
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position, TopicPartition
from plimsoll.domain.result import TaskKind
from plimsoll.ports.store import Batch, DeadLetterRow, ScoreRow

SCORES = "llm.scores.v1"
DEAD = "llm.results.v1.dlq"
P0 = TopicPartition(SCORES, 0)
P1 = TopicPartition(SCORES, 1)
D0 = TopicPartition(DEAD, 0)
START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def key(result_id: str, tenant: str = "default") -> ResultKey:
    """A key of the default tenant unless another is named."""
    return ResultKey(tenant, result_id)


def score(
    result_id: str,
    offset: int,
    *,
    partition: int = 0,
    tenant: str = "default",
    revision: int = 0,
    score_id: str | None = None,
    digest: str = "d0",
    age_s: float = 0.0,
    model: str = "m1",
    task_kind: TaskKind = TaskKind.OPEN_QA,
    verdict: Verdict = Verdict.UNSPECIFIED,
    lower: float | None = 0.5,
    payload: bytes | None = None,
    subject: bytes = b"",
) -> ScoreRow:
    """A scored event; its score ID follows from key, digest and revision unless given."""
    return ScoreRow(
        key=ResultKey(tenant, result_id),
        score_id=score_id or f"{tenant}/{result_id}/{digest}/{revision}",
        revision=revision,
        input_digest=digest,
        content_digest=f"c-{digest}-{revision}",
        position=Position(SCORES, partition, offset),
        payload=f"{partition}@{offset}".encode() if payload is None else payload,
        event_time=START - timedelta(seconds=age_s),
        model=model,
        task_kind=task_kind,
        verdict=verdict,
        point=None if lower is None else min(1.0, lower + 0.1),
        lower=lower,
        subject=subject,
    )


def dead(
    offset: int, *, source: int, index: int = 0, of: ResultKey | None = None, reason: str = "decode"
) -> DeadLetterRow:
    """A dead letter at an offset of the dead-letter topic, for an offset of the results topic."""
    return DeadLetterRow(
        position=Position(DEAD, 0, offset),
        source=Position("llm.results.v1", 0, source, index),
        reason=reason,
        detail=f"letter {offset}",
        attempts=1,
        event_time=START + timedelta(seconds=offset),
        key=of,
    )


def batch(*rows: ScoreRow | DeadLetterRow, upto: dict[TopicPartition, int] | None = None) -> Batch:
    """A batch of rows with the next offsets they lead to, unless `upto` says otherwise."""
    following: dict[TopicPartition, int] = {}
    for row in rows:
        tp = TopicPartition(row.position.topic, row.position.partition)
        following[tp] = max(following.get(tp, 0), row.position.offset + 1)
    return Batch(
        scores=tuple(row for row in rows if isinstance(row, ScoreRow)),
        dead_letters=tuple(row for row in rows if isinstance(row, DeadLetterRow)),
        next_offsets=following if upto is None else upto,
    )
