"""Batches that no client of ours would send, and that brokers take."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tests.support.topics import ANSWER_MS

ODD_NAME = b"\xff\xfe"
# The bytes of a header's name as they are, and its value.
RawHeaders = Sequence[tuple[bytes, bytes]]


class _RawName:
    """Encodes to bytes that no text encodes to."""

    def __init__(self, name: bytes) -> None:
        self._name = name

    def encode(self, _encoding: str) -> bytes:
        """The bytes."""
        return self._name


def raw_builder() -> _DefaultRecordBatchBuilderPy:
    """The builder of a batch that aiokafka has in Python: it asks a name to encode itself."""
    return _DefaultRecordBatchBuilderPy(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1_000_000,
    )


def raw_headers(headers: RawHeaders) -> list[tuple[_RawName, bytes]]:
    """Headers for `raw_builder`."""
    return [(_RawName(name), value) for name, value in headers]


async def send_in_one_batch(
    bootstrap: str,
    topic: str,
    partition: int,
    records: Sequence[tuple[bytes, bytes, RawHeaders]],
) -> None:
    """Sends keys, values and headers as one batch, which the broker must take."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", request_timeout_ms=ANSWER_MS
    )
    await producer.start()
    try:
        batch = producer.create_batch()
        batch._builder = raw_builder()
        for key, value, headers in records:
            batch.append(timestamp=None, key=key, value=value, headers=raw_headers(headers))
        await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()
