"""Scored events as rows of the store."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.message import DecodeError

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey, result_id_problem, tenant_problem
from plimsoll.domain.record import Position, Record
from plimsoll.domain.scopes import subject_digest
from plimsoll.ports.store import ScoreRow
from plimsoll.v1 import score_pb2
from plimsoll.wire.enums import TASK_KIND, VERDICT
from plimsoll.wire.times import to_datetime


def score_row(record: Record) -> ScoreRow:
    """The row of one scored event; PoisonError where the bytes are none."""
    payload = record.value or b""
    try:
        message = score_pb2.ScoredResult.FromString(payload)
        problem = tenant_problem(message.tenant) or result_id_problem(message.result_id)
        if problem or not message.score_id:
            raise PoisonError("missing_field", problem or "score_id is required and not there")
        event_time = _event_time(message, record)
    except (DecodeError, ValueError) as error:
        raise PoisonError("undecodable", f"not a ScoredResult: {error}") from error
    value = message.confidence.value if message.confidence.HasField("value") else None
    # Without an interval there is no bound to find it by, and 0 is a bound.
    value = value if value is not None and value.HasField("interval") else None
    return ScoreRow(
        key=ResultKey(message.tenant, message.result_id),
        score_id=message.score_id,
        revision=message.revision,
        input_digest=message.input_digest,
        content_digest=message.content_digest,
        position=Position(record.topic, record.partition, record.offset),
        payload=payload,
        event_time=event_time,
        model=message.gen_ai.request_model,
        task_kind=TASK_KIND[message.task_kind],
        verdict=VERDICT[message.decision.verdict],
        point=None if value is None else value.point,
        lower=None if value is None else value.interval.lower,
        subject=subject_digest(message.tenant, message.subject_id),
    )


def _event_time(message: score_pb2.ScoredResult, record: Record) -> datetime:
    """When the result was made, else when it was published, else when it was scored."""
    if message.HasField("create_time"):
        return to_datetime(message.create_time)
    if message.observation.HasField("publish_time"):
        return to_datetime(message.observation.publish_time)
    return datetime.fromtimestamp(record.timestamp_ms / 1_000, UTC)
