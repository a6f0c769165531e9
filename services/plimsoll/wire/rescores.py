"""Requests to score again, as records of their topic."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import parse_key
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.domain.rescore import RescoreRequest
from plimsoll.v1 import common_pb2, score_pb2
from plimsoll.wire.headers import (
    RESCORE_TYPE,
    TRACESTATE,
    event_headers,
    text_header,
    traceparent_of,
)
from plimsoll.wire.times import set_timestamp, to_datetime


def encode_rescore(request: RescoreRequest, topic: str) -> OutRecord:
    """The record of a request, keyed as its result."""
    at = request.source
    message = score_pb2.RescoreRequest(
        original=request.original,
        content_type=request.content_type,
        source=common_pb2.Position(
            topic=at.topic, partition=at.partition, offset=at.offset, index=at.index
        ),
        index=at.index,
        why=request.why,
        revision=request.revision,
        ce_type=request.ce_type,
    )
    set_timestamp(message.publish_time, request.publish_time)
    state = ((TRACESTATE, request.tracestate.encode()),) if request.tracestate else ()
    ce_id = f"{request.key}/{request.revision}"
    return OutRecord(
        topic,
        request.key.encode(),
        message.SerializeToString(deterministic=True),
        (*event_headers(RESCORE_TYPE, ce_id, "plimsoll/scorer", request.traceparent), *state),
    )


def decode_rescore(record: Record) -> RescoreRequest:
    """Reads a request; PoisonError where the record is none."""
    try:
        message = score_pb2.RescoreRequest.FromString(record.value or b"")
        at = message.source
        if not at.topic or not message.revision:
            raise PoisonError("missing_field", "a RescoreRequest without source or revision")
        return RescoreRequest(
            key=parse_key((record.key or b"").decode()),
            original=message.original,
            content_type=message.content_type,
            ce_type=message.ce_type,
            source=Position(at.topic, at.partition, at.offset, at.index),
            why=message.why,
            revision=message.revision,
            publish_time=to_datetime(message.publish_time),
            traceparent=traceparent_of(record),
            tracestate=text_header(record, TRACESTATE),
        )
    except (DecodeError, ValueError) as error:
        raise PoisonError("undecodable", f"not a RescoreRequest: {error}") from error
