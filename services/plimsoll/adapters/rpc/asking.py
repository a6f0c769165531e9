"""Messages that a client sends, made from domain values."""

from __future__ import annotations

from plimsoll.ports.store import ScoreFilter
from plimsoll.v1 import result_pb2, score_pb2, service_pb2
from plimsoll.wire.times import set_timestamp


def encode_filter(where: ScoreFilter) -> service_pb2.ConfidenceFilter:
    """A filter; what is None does not filter."""
    message = service_pb2.ConfidenceFilter(
        tenant=where.tenant or "",
        model=where.model or "",
        min_lower_bound=where.min_lower_bound,
        max_lower_bound=where.max_lower_bound,
    )
    if where.task_kind is not None:
        message.task_kind = result_pb2.TaskKind.Value(f"TASK_KIND_{where.task_kind.name}")
    if where.verdict is not None:
        message.verdict = score_pb2.Verdict.Value(f"VERDICT_{where.verdict.name}")
    if where.start_time is not None:
        set_timestamp(message.start_time, where.start_time)
    if where.end_time is not None:
        set_timestamp(message.end_time, where.end_time)
    return message
