"""Windows of quality as records of their topic."""

from __future__ import annotations

from datetime import UTC

from google.protobuf.message import DecodeError

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.quality import QualityWindow, Series, Tally
from plimsoll.domain.record import OutRecord
from plimsoll.domain.result import TaskKind
from plimsoll.v1 import common_pb2, quality_pb2, result_pb2

_HEADERS = (
    ("content-type", b"application/protobuf"),
    ("ce_specversion", b"1.0"),
    ("ce_type", b"plimsoll.v1.QualityWindow"),
)
_REASON_PREFIX = "ABSENCE_REASON_"
_TASK_PREFIX = "TASK_KIND_"


def encode_quality(window: QualityWindow, topic: str) -> OutRecord:
    """The record of one window; all versions of it share a key, and so a partition."""
    series, tally = window.series, window.tally
    message = quality_pb2.QualityWindow(
        tenant=series.tenant,
        model=series.model,
        task_kind=result_pb2.TaskKind.Value(_TASK_PREFIX + series.task_kind.name),
        metric=series.metric,
        source_partition=window.source_partition,
        last_offset=window.last_offset,
        count=tally.count,
        sum=tally.sum,
        sum_of_squares=tally.sum_of_squares,
        bins=window.bins,
    )
    message.start_time.FromDatetime(window.start_time)
    message.end_time.FromDatetime(window.end_time)
    for reason, count in tally.absences:
        number = common_pb2.AbsenceReason.Value(_REASON_PREFIX + reason.name)
        message.absences.add(reason=number, count=count)
    for index, count in tally.histogram:
        message.histogram.add(index=index, count=count)
    return OutRecord(topic, _key(window), message.SerializeToString(deterministic=True), _HEADERS)


def decode_quality(value: bytes) -> QualityWindow:
    """Reads a window; PoisonError where the bytes are none."""
    message = quality_pb2.QualityWindow()
    try:
        message.ParseFromString(value)
    except DecodeError as error:
        raise PoisonError("undecodable", f"not a QualityWindow: {error}") from error
    if not message.tenant or not message.metric or not message.bins:
        raise PoisonError("required_field", "a QualityWindow without tenant, metric or bins")
    series = Series(message.tenant, message.model, _task_kind(message.task_kind), message.metric)
    return QualityWindow(
        series,
        message.start_time.ToDatetime(UTC),
        message.end_time.ToDatetime(UTC),
        message.source_partition,
        message.last_offset,
        Tally(
            message.count,
            tuple((_reason(found.reason), found.count) for found in message.absences),
            message.sum,
            message.sum_of_squares,
            tuple((filled.index, filled.count) for filled in message.histogram),
        ),
        message.bins,
    )


def _key(window: QualityWindow) -> bytes:
    series = window.series
    start_ms = int(window.start_time.timestamp() * 1_000)
    # A model may hold slashes; nothing on either side of it can.
    return (
        f"{series.tenant}/{series.model}/{series.task_kind.value}/{series.metric}/"
        f"{start_ms}/{window.source_partition}"
    ).encode()


def _task_kind(number: int) -> TaskKind:
    """A newer writer's kind reads as unspecified."""
    known = result_pb2.TaskKind.DESCRIPTOR.values_by_number.get(number)
    name = known.name.removeprefix(_TASK_PREFIX) if known else ""
    return TaskKind[name] if name in TaskKind.__members__ else TaskKind.UNSPECIFIED


def _reason(number: int) -> AbsenceReason:
    """A newer writer's reason reads as unspecified."""
    known = common_pb2.AbsenceReason.DESCRIPTOR.values_by_number.get(number)
    name = known.name.removeprefix(_REASON_PREFIX) if known else ""
    return AbsenceReason[name] if name in AbsenceReason.__members__ else AbsenceReason.UNSPECIFIED
