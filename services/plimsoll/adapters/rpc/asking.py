"""Messages that a client sends, made from domain values."""

from __future__ import annotations

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from plimsoll.domain.feedback import Feedback
from plimsoll.ports.store import ScoreFilter
from plimsoll.v1 import feedback_pb2, result_pb2, score_pb2, service_pb2


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
        message.start_time.CopyFrom(_time(where.start_time))
    if where.end_time is not None:
        message.end_time.CopyFrom(_time(where.end_time))
    return message


def encode_feedback_message(feedback: Feedback) -> feedback_pb2.Feedback:
    """A label."""
    message = feedback_pb2.Feedback(
        feedback_id=feedback.feedback_id,
        tenant=feedback.key.tenant,
        result_id=feedback.key.result_id,
        source=feedback_pb2.FeedbackSource.Value(f"FEEDBACK_SOURCE_{feedback.source.name}"),
        rater=feedback.rater,
        supersedes=feedback.supersedes,
        retracted=feedback.retracted,
        comment=feedback.comment,
    )
    if isinstance(feedback.label, bool):
        message.correct = feedback.label
    else:
        message.grade = feedback.label
    if feedback.create_time is not None:
        message.create_time.CopyFrom(_time(feedback.create_time))
    return message


def _time(given: datetime) -> Timestamp:
    time = Timestamp()
    time.FromDatetime(given)
    return time
