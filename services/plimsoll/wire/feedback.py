"""Labels as records of their topic."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.feedback import Feedback, Seen
from plimsoll.domain.identity import (
    DEFAULT_TENANT,
    ResultKey,
    result_id_problem,
    tenant_problem,
)
from plimsoll.domain.record import OutRecord
from plimsoll.v1 import feedback_pb2
from plimsoll.wire.claim_labels import (
    claim_labels_from_proto,
    seen_claims_from_proto,
    write_claim_labels,
    write_seen_claims,
)
from plimsoll.wire.enums import FEEDBACK_SOURCE, TASK_KIND
from plimsoll.wire.headers import FEEDBACK_TYPE, event_headers
from plimsoll.wire.times import set_timestamp, to_datetime


def feedback_to_proto(feedback: Feedback) -> feedback_pb2.Feedback:
    """The message of a label."""
    message = feedback_pb2.Feedback(
        feedback_id=feedback.feedback_id,
        tenant=feedback.key.tenant,
        result_id=feedback.key.result_id,
        source=FEEDBACK_SOURCE.numbers[feedback.source],  # type: ignore[arg-type] # a number is one
        rater=feedback.rater,
        supersedes=feedback.supersedes,
        retracted=feedback.retracted,
        comment=feedback.comment,
        audit=feedback.audit,
    )
    if feedback.seen is not None:
        _write_seen(message.seen, feedback.seen)
    if isinstance(feedback.label, bool):
        message.correct = feedback.label
    elif feedback.label is not None:
        message.grade = feedback.label
    if feedback.claims is not None:
        write_claim_labels(message.claims, feedback.claims)
    if feedback.seen_claims is not None:
        write_seen_claims(message.seen_claims, feedback.seen_claims)
    if feedback.create_time is not None:
        set_timestamp(message.create_time, feedback.create_time)
    return message


def feedback_from_proto(message: feedback_pb2.Feedback) -> Feedback:
    """The value of a message; ValueError says which field is wrong."""
    tenant = message.tenant or DEFAULT_TENANT
    problem = tenant_problem(tenant) or result_id_problem(message.result_id)
    if problem:
        raise ValueError(problem)
    has_claims = message.HasField("claims")
    label: bool | float | None = None
    if message.HasField("correct"):
        label = message.correct
    elif message.HasField("grade") and 0.0 <= message.grade <= 1.0:
        label = message.grade
    elif message.HasField("grade") or not has_claims:
        raise ValueError("label is required: correct, grade in [0, 1], or claims")
    return Feedback(
        feedback_id=message.feedback_id,
        key=ResultKey(tenant, message.result_id),
        label=label,
        source=FEEDBACK_SOURCE[message.source],
        rater=message.rater,
        create_time=to_datetime(message.create_time) if message.HasField("create_time") else None,
        supersedes=message.supersedes,
        retracted=message.retracted,
        comment=message.comment,
        audit=message.audit,
        seen=_seen(message.seen) if message.HasField("seen") else None,
        claims=claim_labels_from_proto(message.claims) if has_claims else None,
        seen_claims=seen_claims_from_proto(message.seen_claims)
        if message.HasField("seen_claims")
        else None,
    )


def encode_feedback(feedback: Feedback, topic: str, traceparent: str = "") -> OutRecord:
    """The record of a label, keyed as its result, with the trace context that it came with."""
    value = feedback_to_proto(feedback).SerializeToString(deterministic=True)
    headers = event_headers(FEEDBACK_TYPE, feedback.feedback_id, "plimsoll/query", traceparent)
    return OutRecord(topic, feedback.key.encode(), value, headers)


def decode_feedback(value: bytes) -> Feedback:
    """Reads a label; PoisonError where the bytes are none."""
    try:
        return feedback_from_proto(feedback_pb2.Feedback.FromString(value))
    except (DecodeError, ValueError) as error:
        raise PoisonError("undecodable", f"not a Feedback: {error}") from error


def _write_seen(message: feedback_pb2.Seen, seen: Seen) -> None:
    message.score_id = seen.score_id
    message.revision = seen.revision
    message.task_kind = TASK_KIND.numbers[seen.task_kind]  # type: ignore[assignment] # a number is one
    message.basis = seen.basis
    message.point = seen.point
    message.shown = seen.shown
    message.calibration_id = seen.calibration_id
    message.certificates.extend(seen.certificates)


def _seen(message: feedback_pb2.Seen) -> Seen:
    if not (0.0 <= message.point <= 1.0 and 0.0 <= message.shown <= 1.0):
        raise ValueError("seen.point and seen.shown are not in [0, 1]")
    return Seen(
        score_id=message.score_id,
        revision=message.revision,
        task_kind=TASK_KIND[message.task_kind],
        basis=message.basis,
        point=message.point,
        shown=message.shown,
        calibration_id=message.calibration_id,
        certificates=tuple(message.certificates),
    )
