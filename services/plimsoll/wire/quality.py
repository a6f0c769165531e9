"""Windows of quality as records of their topic."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.quality import QualityWindow, Series, Tally
from plimsoll.domain.record import OutRecord
from plimsoll.v1 import quality_pb2
from plimsoll.wire.enums import ABSENCE_REASON, TASK_KIND
from plimsoll.wire.headers import QUALITY_TYPE, event_headers
from plimsoll.wire.times import set_timestamp, to_datetime


def encode_quality(window: QualityWindow, topic: str) -> OutRecord:
    """The record of one window; all versions of it share a key, and so a partition."""
    series, tally = window.series, window.tally
    message = quality_pb2.QualityWindow(
        tenant=series.tenant,
        model=series.model,
        task_kind=TASK_KIND.numbers[series.task_kind],  # type: ignore[arg-type] # a number is one
        metric=series.metric,
        source_partition=window.source_partition,
        last_offset=window.last_offset,
        count=tally.count,
        sum=tally.sum,
        sum_of_squares=tally.sum_of_squares,
        bins=window.bins,
    )
    set_timestamp(message.start_time, window.start_time)
    set_timestamp(message.end_time, window.end_time)
    for reason, count in tally.absences:
        entry = message.absences.add(count=count)
        entry.reason = ABSENCE_REASON.numbers[reason]  # type: ignore[assignment] # a number is one
    for index, count in tally.histogram:
        message.histogram.add(index=index, count=count)
    key, value = _key(window), message.SerializeToString(deterministic=True)
    # A window is published again as it grows, and each time is an event of its own.
    ce_id = f"{key.decode()}/{window.last_offset}"
    return OutRecord(topic, key, value, event_headers(QUALITY_TYPE, ce_id, "plimsoll/observer"))


def decode_quality(value: bytes) -> QualityWindow:
    """Reads a window; PoisonError where the bytes are none."""
    message = quality_pb2.QualityWindow()
    try:
        message.ParseFromString(value)
    except DecodeError as error:
        raise PoisonError("undecodable", f"not a QualityWindow: {error}") from error
    if not message.tenant or not message.metric or not message.bins:
        raise PoisonError("missing_field", "a QualityWindow without tenant, metric or bins")
    series = Series(message.tenant, message.model, TASK_KIND[message.task_kind], message.metric)
    try:
        start_time, end_time = to_datetime(message.start_time), to_datetime(message.end_time)
    except ValueError as error:
        raise PoisonError("bad_value", str(error)) from error
    return QualityWindow(
        series,
        start_time,
        end_time,
        message.source_partition,
        message.last_offset,
        Tally(
            message.count,
            tuple((ABSENCE_REASON[found.reason], found.count) for found in message.absences),
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
