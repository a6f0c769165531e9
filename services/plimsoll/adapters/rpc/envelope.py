"""Scored results without their scores, made without reading those."""

from __future__ import annotations

from functools import cache

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from plimsoll.v1 import score_pb2

_PACKAGE, _NAME = "plimsoll.rpc", "Envelope"
# A summary leaves these out: nine tenths of an event's bytes.
_LEFT_OUT = ("scores", "observation", "sealed_evidence")


def summary_of(payload: bytes) -> bytes:
    """A ScoredResult's bytes without scores, evidence and observation; all else as it was written.

    On the wire a message in a field is bytes with their length. A type that says no more of those
    fields, and does not know the others, parses an event of 90 scores in a seventh of the time.
    Raises DecodeError where the bytes are no message.
    """
    message = _envelope().FromString(payload)
    for name in _LEFT_OUT:
        message.ClearField(name)
    return message.SerializeToString()


@cache
def _envelope() -> type[Message]:
    file = FileDescriptorProto(
        name="plimsoll/rpc/envelope.proto", package=_PACKAGE, syntax="proto3"
    )
    fields = score_pb2.ScoredResult.DESCRIPTOR.fields_by_name
    file.message_type.add(name=_NAME).field.extend(
        FieldDescriptorProto(
            name=name,
            number=fields[name].number,
            label=FieldDescriptorProto.LABEL_REPEATED,
            type=FieldDescriptorProto.TYPE_BYTES,
        )
        for name in _LEFT_OUT
    )
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{_NAME}"))
