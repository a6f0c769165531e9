"""Reads what aiokafka's own reader stumbles over: one odd record must not hide its neighbours.

aiokafka gives up a whole batch where one record's header name is not UTF-8, though brokers take
any bytes for it. Used only after that has happened: it is written in Python, and slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaConsumer, errors
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.legacy_records import LegacyRecordBatch
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.record.util import decode_varint

from plimsoll.wire.headers import LEFT_AT_SOURCE

# What aiokafka raises out of a poll where it cannot read what it has fetched.
UNREADABLE = (ValueError, errors.CorruptRecordException)

_FIRST_FORMAT_WITH_HEADERS = 2
_FIRST_FETCH_WITH_REPLICAS = 11

_Contents = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]


@dataclass(frozen=True, slots=True)
class Reading:
    """Committed records of one partition, and the offset to go on at."""

    records: Sequence[Any]
    next_offset: int


async def reread(
    consumer: AIOKafkaConsumer,
    partition: KafkaPartition,
    offset: int,
    max_records: int,
    max_bytes: int,
) -> Reading:
    """Reads from `offset` on, or from the earliest record where nothing stands there any more.

    A record that cannot be taken apart has no value, and the header `plimsoll-left-at-source`.
    KafkaError where the broker gives nothing or its bytes fail their checksum.
    """
    try:
        return await _read(consumer, partition, offset, max_records, max_bytes)
    except errors.OffsetOutOfRangeError:
        begin = (await consumer.beginning_offsets([partition]))[partition]
        return await _read(consumer, partition, begin, max_records, max_bytes)


async def _read(
    consumer: AIOKafkaConsumer,
    partition: KafkaPartition,
    offset: int,
    max_records: int,
    max_bytes: int,
) -> Reading:
    client = consumer._client  # noqa: SLF001 - aiokafka's public calls parse what they fetch
    leader = client.cluster.leader_for_partition(partition)
    if leader is None or leader < 0:
        raise errors.LeaderNotAvailableError(str(partition))
    where = [(partition.topic, [(partition.partition, offset, max_bytes)])]
    response = await client.send(leader, FetchRequest(0, 1, max_bytes, READ_COMMITTED, where))
    [(_, [(_, code, _, *rest)])] = response.topics
    if code:
        raise errors.for_code(code)(str(partition))
    aborted = rest[2] if response.API_VERSION >= _FIRST_FETCH_WITH_REPLICAS else rest[-2]
    batches = Batches(rest[-1] or b"")
    checked, plain = True, None
    records = PartitionRecords(
        partition, batches, aborted, offset, plain, plain, checked, READ_COMMITTED
    )
    found: list[Any] = []
    try:
        found.extend(islice(records, max_records))
    except errors.CorruptRecordException:
        if not found:
            raise
    return Reading(found, records.next_fetch_offset)


class Batches(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka ships no types
    """The batches of one answer."""

    def next_batch(self) -> LegacyRecordBatch | TolerantBatch:
        """The next batch, with the tolerant reader where its format knows headers."""
        piece = self._next_slice
        self._cache_next()
        if len(piece) < self.MIN_SLICE:
            raise errors.CorruptRecordException("a batch is shorter than its own head")
        magic = piece[self.MAGIC_OFFSET]
        if magic < _FIRST_FORMAT_WITH_HEADERS:
            return LegacyRecordBatch(piece, magic)
        return TolerantBatch(piece)


class TolerantBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka ships no types
    """A batch whose records are told apart by their lengths, whatever is in them."""

    _pos: int

    def _read_msg(self) -> _DefaultRecordPy:
        length, start = decode_varint(self._buffer, self._pos)
        end = start + length
        if length < 0 or end > len(self._buffer):
            raise errors.CorruptRecordException(f"a record of {length} bytes leaves its batch")
        self._pos = end
        body = bytes(self._buffer[start:end])
        _attributes, pos = decode_varint(body, 0)
        since_first_ms, pos = decode_varint(body, pos)
        offset_delta, pos = decode_varint(body, pos)
        stamp_ms = self.first_timestamp + since_first_ms
        if self.timestamp_type == self.LOG_APPEND_TIME:
            stamp_ms = self.max_timestamp
        try:
            contents = _contents(body, pos)
        except (ValueError, IndexError) as error:
            contents = None, None, [(LEFT_AT_SOURCE, type(error).__name__.encode())]
        offset = self.base_offset + offset_delta
        return _DefaultRecordPy(offset, stamp_ms, self.timestamp_type, *contents)


def _contents(body: bytes, pos: int) -> _Contents:
    key, pos = _nullable(body, pos)
    value, pos = _nullable(body, pos)
    count, pos = decode_varint(body, pos)
    headers: list[tuple[str, bytes | None]] = []
    for _ in range(count):
        name, pos = _nullable(body, pos)
        if name is None:
            raise ValueError("a header without a name")
        content, pos = _nullable(body, pos)
        # None of ours is such a name; it only has to be told from others, and to be shown.
        headers.append((name.decode("utf-8", "backslashreplace"), content))
    if count < 0 or pos != len(body):
        raise ValueError(f"{count} headers end at byte {pos} of {len(body)}")
    return key, value, headers


def _nullable(body: bytes, pos: int) -> tuple[bytes | None, int]:
    length, pos = decode_varint(body, pos)
    if length < 0:
        return None, pos
    end = pos + length
    if end > len(body):
        raise ValueError(f"{length} bytes from byte {pos} of {len(body)}")
    return body[pos:end], end
