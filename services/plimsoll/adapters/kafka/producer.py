"""Sends to Kafka with acks=all, idempotent where the broker can."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import UnknownError

from plimsoll.adapters.kafka.connection import connection_arguments, let_go
from plimsoll.adapters.kafka.errors import KAFKA_ERRORS, Verdict, translate, verdict
from plimsoll.adapters.kafka.partitioning import partition_of
from plimsoll.adapters.kafka.refusals import starting_error
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.quick import quick
from plimsoll.domain.record import OutRecord, Position
from plimsoll.settings.kafka import KafkaSettings

_log = structlog.get_logger(__name__)

_LINGER_MS = 5
# Far under the brokers' usual limit of 1 MiB, so that a batch that is refused as too large holds
# one record: that one, and none that only travelled with it.
_MAX_BATCH_BYTES = 128 * 1024
# The broker's limits decide; this one only keeps a mistake from filling memory.
_MAX_REQUEST_BYTES = 64 * 1024 * 1024
_STOP_TIMEOUT_S = 5.0

# One for each record that is sent.
_position = quick(Position)


class KafkaLogProducer:
    """One producer; it is built anew where its sequence numbers or its sender are lost.

    Retries within a delivery are aiokafka's: an idempotent producer tries until the broker is
    back, so a future may stay open for as long as an outage lasts.
    """

    def __init__(self, settings: KafkaSettings, role: str = "producer") -> None:
        self._settings = settings
        self._role = role
        self._producer: Any = None
        self._broken = False
        self._rebuild = asyncio.Lock()

    async def start(self) -> None:
        """Connects; RetryableError where no broker answers."""
        producer = AIOKafkaProducer(
            **connection_arguments(self._settings, self._role),
            acks="all",
            enable_idempotence=self._settings.enable_idempotence,
            linger_ms=_LINGER_MS,
            max_batch_size=_MAX_BATCH_BYTES,
            max_request_size=_MAX_REQUEST_BYTES,
        )
        try:
            await producer.start()
        except KAFKA_ERRORS as error:
            await let_go(producer.stop(), _STOP_TIMEOUT_S, "producer")
            doing = self._starting(error)
            raise await starting_error(error, doing, self._settings, self._role) from error
        self._producer = producer
        self._broken = False

    def _starting(self, error: BaseException) -> str:
        """What was tried; a broker that cannot number its producers says no more than "unknown"."""
        if isinstance(error, UnknownError) and self._settings.enable_idempotence:
            return (
                "connecting a producer (a broker without idempotent producers, as the one in "
                "memory, needs kafka.enable_idempotence: false, or "
                "PLIMSOLL_KAFKA__ENABLE_IDEMPOTENCE=false)"
            )
        return "connecting a producer"

    async def send(self, record: OutRecord) -> asyncio.Future[Position]:
        """Queues a record, waiting where the buffer is full; the future gives its position."""
        if self._broken:
            await self._build_anew()
        producer, partition = self._producer, record.partition
        try:
            if partition is None and record.key is not None:
                count = len(await producer.partitions_for(record.topic))
                partition = partition_of(record.key, count)
            sent = await producer.send(
                record.topic, record.value, record.key, partition, headers=list(record.headers)
            )
        except KAFKA_ERRORS as error:
            raise self._translated(error, record.topic) from error
        acknowledged: asyncio.Future[Position] = asyncio.get_running_loop().create_future()

        def settle(future: asyncio.Future[Any]) -> None:
            if acknowledged.done():
                return
            if future.cancelled():
                acknowledged.cancel()
                return
            error = future.exception()
            if error is None:
                at = future.result()
                acknowledged.set_result(_position(at.topic, at.partition, at.offset))
            else:
                acknowledged.set_exception(self._translated(error, record.topic))

        sent.add_done_callback(settle)
        return acknowledged

    async def flush(self) -> None:
        """Waits until everything queued has been acknowledged or has failed."""
        if self._producer is not None:
            await self._producer.flush()

    async def stop(self) -> None:
        """Flushes and disconnects; never raises."""
        if self._producer is not None:
            await let_go(self._producer.stop(), _STOP_TIMEOUT_S, "producer")

    def _translated(self, error: BaseException, topic: str) -> PlimsollError:
        what = verdict(error)
        # A refused batch leaves a hole in its partition's sequence numbers: what follows would be
        # refused as out of order.
        if what is Verdict.BROKEN or (what is Verdict.POISON and self._settings.enable_idempotence):
            self._broken = True
        return translate(error, f"sending to {topic}")

    async def _build_anew(self) -> None:
        async with self._rebuild:
            if not self._broken:
                return
            _log.warning("kafka.producer.rebuilt", role=self._role)
            await self.stop()
            await self.start()
