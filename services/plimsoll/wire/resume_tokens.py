"""Resume tokens of a watch: how far each partition of the scores topic has been sent."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import orjson

from plimsoll.domain.record import TopicPartition

_VERSION = 1


def encode_resume_token(topic: str, offsets: Mapping[TopicPartition, int]) -> str:
    """An opaque token; partitions of other topics are left out."""
    vector = sorted((tp.partition, offset) for tp, offset in offsets.items() if tp.topic == topic)
    body = orjson.dumps([_VERSION, topic, [part for pair in vector for part in pair]])
    return base64.urlsafe_b64encode(body).decode("ascii")


def decode_resume_token(topic: str, token: str) -> dict[TopicPartition, int]:
    """Next offsets by partition; ValueError where the token is not one for this topic."""
    try:
        body = orjson.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except ValueError as error:
        raise ValueError("resume token is not one of this service's") from error
    match body:
        case [int(version), str(named), list(vector)] if version == _VERSION:
            if named != topic:
                raise ValueError(f"resume token belongs to another topic than {topic}")
            if len(vector) % 2 == 0 and all(type(n) is int and 0 <= n < 2**62 for n in vector):
                pairs = zip(vector[::2], vector[1::2], strict=True)
                return {TopicPartition(topic, partition): offset for partition, offset in pairs}
    raise ValueError("resume token is not one of this service's")
