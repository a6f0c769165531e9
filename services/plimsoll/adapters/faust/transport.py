"""faust's own Kafka clients, with three habits changed that exactness rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from faust import App
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from plimsoll.adapters.kafka.progress import behind, positions
from plimsoll.adapters.kafka.rereading import UNREADABLE, reread

_log = structlog.get_logger(__name__)

# Where faust asks for no number.
_REREAD_RECORDS = 500


class _Thread(driver.AIOKafkaConsumerThread):
    """Reads what aiokafka's own reader stumbles over, as the other consumers do."""

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - faust's signature
        max_records: int | None = None,
    ) -> Mapping[TP, list[Any]]:
        """What there is, by partition; each record once, and none left out."""
        stands = positions(consumer, active_partitions)
        try:
            found: Mapping[TP, list[Any]] = await super()._fetch_records(
                consumer, active_partitions, timeout, max_records
            )
        except UNREADABLE as error:
            _log.warning("observer.records.reread", error=type(error).__name__)
            return await self._reread(consumer, stands, max_records)
        return found

    def behind(self, tp: TP, position: int) -> int | None:
        """How many records a partition has from an offset on, as brokers said lately, or None."""
        return None if self._consumer is None else behind(self._consumer, tp, position)

    async def _reread(
        self, consumer: AIOKafkaConsumer, stands: Mapping[TP, int], max_records: int | None
    ) -> Mapping[TP, list[Any]]:
        # The failed call may have taken records of other partitions too, which aiokafka will not
        # give again. faust drops what it has had.
        for tp in stands.keys() & consumer.assignment():
            consumer.seek(tp, stands[tp])
        share = max(1, (max_records or _REREAD_RECORDS) // max(1, len(stands)))
        most_bytes = self.app.conf.consumer_max_fetch_size
        found: dict[TP, list[Any]] = {}
        for tp, offset in stands.items():
            try:
                reading = await reread(consumer, tp, offset, share, most_bytes)
            except (KafkaError, OSError) as error:
                # It stays where it stands, and the next call reads it.
                _log.warning("observer.reread.failed", error=type(error).__name__)
                continue
            if tp in consumer.assignment():
                consumer.seek(tp, reading.next_offset)
                found[tp] = list(reading.records)
        return {tp: records for tp, records in found.items() if records}


class ExactConsumer(driver.Consumer):
    """Reads each partition from where its state ends.

    faust would go on from the committed offset, and it commits past records that it dropped in a
    rebalance. What the state says is durable is the truth; the commit only shows the lag.
    """

    mundane_level = "debug"

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    def behind(self, tp: TP, position: int) -> int | None:
        """How many records a partition has from an offset on, as brokers said lately, or None."""
        thread = self._thread
        return thread.behind(tp, position) if isinstance(thread, _Thread) else None

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seeks to where the state says, and takes that for committed."""
        transport = self.transport
        if not isinstance(transport, ExactTransport):
            raise TypeError(f"{type(transport).__name__} does not know where to read from")
        assigned = self.assignment()
        at = {tp: offset for tp, offset in transport.positions().items() if tp in assigned}
        # `seek` would change the fetcher under the hands of its own thread.
        await self.seek_wait(at)
        return at

    async def verify_all_partitions_active(self) -> None:
        """Left to our own watch: faust's ends the application where it looks during a seek."""


class _Producer(driver.Producer):
    """Waits for every replica, and never writes twice or out of order where the broker can help."""

    mundane_level = "debug"

    def _settings_extra(self) -> Mapping[str, Any]:
        transport = self.transport
        idempotent = isinstance(transport, ExactTransport) and transport.idempotent
        return {"acks": "all", "enable_idempotence": idempotent}


class ExactTransport(driver.Transport):
    """faust's transport with those two clients."""

    Consumer = ExactConsumer
    Producer = _Producer

    def __init__(
        self, app: App, positions: Callable[[], Mapping[TP, int]], *, idempotent: bool
    ) -> None:
        super().__init__(app.conf.broker, app)
        self.positions = positions
        self.idempotent = idempotent
