"""What aiokafka hands over, as a record of ours."""

from __future__ import annotations

from aiokafka.structs import ConsumerRecord

from plimsoll.domain.record import Record


def record_of(message: ConsumerRecord) -> Record:
    """The record of a consumed message.

    Kafka knows headers without a value and keeps them apart from empty ones; none of ours may
    lack it, so both read as empty.
    """
    headers = tuple((name, value or b"") for name, value in message.headers)
    return Record(
        message.topic,
        message.partition,
        message.offset,
        message.timestamp,
        message.key,
        message.value,
        headers,
    )
