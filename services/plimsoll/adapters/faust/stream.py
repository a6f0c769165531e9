"""A topic read in order by faust, with keyed state beside it in a compacted changelog topic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from aiokafka.errors import IllegalStateError, KafkaError
from faust import Stream
from faust.exceptions import NotReady, ProducerSendError
from faust.types import TP, EventT, StreamT

from plimsoll.adapters.faust.application import StreamSpec, application
from plimsoll.adapters.faust.table import ChangelogTable, Choose
from plimsoll.adapters.faust.transport import ExactConsumer, ExactTransport
from plimsoll.adapters.faust.watch import Watch
from plimsoll.adapters.kafka.errors import translate
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.record import OutRecord, Record
from plimsoll.ports.changelog import PartitionStart, StreamHandler
from plimsoll.ports.clock import Clock
from plimsoll.settings.kafka import KafkaSettings

_TABLE = "windows"
# More than a group needs to deal its partitions, even after one of its members has died.
_UNDEALT_LIMIT = timedelta(minutes=2)


def changelog_topic(app_id: str) -> str:
    """The changelog topic that the stream needs: as many partitions as its source, compacted."""
    return f"{app_id}-{_TABLE}-changelog"


class FaustStream:
    """One faust application: an agent of concurrency 1 and one table."""

    def __init__(
        self,
        kafka: KafkaSettings,
        security: Mapping[str, Any],
        spec: StreamSpec,
        choose: Choose,
        clock: Clock,
    ) -> None:
        self._spec = spec
        self._handler: StreamHandler = _Nobody()
        self._app = application(kafka, security, spec)
        self._app.failed = self._fail
        self._failed = asyncio.Event()
        self._error: BaseException | None = None
        transport = ExactTransport(self._app, self._positions, idempotent=kafka.enable_idempotence)
        self._app.transport = transport
        self._app.producer_transport = transport
        self._table = ChangelogTable(
            self._app,
            choose=choose,
            recovered=self._recovered,
            name=_TABLE,
            partitions=spec.partitions,
        )
        self._app.tables.add(self._table)
        source = self._app.topic(
            spec.source, key_type=bytes, value_type=bytes, allow_empty=True, internal=False
        )
        self._app.agent(source, name=f"{spec.app_id}.read")(self._read)
        # Weak: the signal is one of all applications, and would keep each stream that ever was.
        self._app.on_partitions_revoked.connect(self._on_revoked, weak=True)
        self._watch = Watch(clock, _UNDEALT_LIMIT, self._positions, self._ends, self._seek)

    async def start(self, handler: StreamHandler) -> None:
        """Joins the group and returns when the state of our partitions has been recovered.

        RetryableError where the brokers are away: a new stream may find them.
        """
        self._handler = handler
        try:
            await self._app.start()
        except (KafkaError, NotReady, OSError) as error:
            raise RetryableError(f"starting {self._spec.app_id}: {error!r}") from error

    async def ended(self) -> BaseException:
        """Waits until the stream ends; gives what the handler raised.

        RetryableError where faust itself gave up: a new stream goes on from the saved state.
        """
        waits = [
            asyncio.ensure_future(self._app.wait_until_stopped()),
            asyncio.ensure_future(self._failed.wait()),
            watching := asyncio.ensure_future(self._watch.run()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if watching.done() and not watching.cancelled():
            self._error = self._error or watching.exception()
        return self._error or RetryableError(f"faust gave up: {self._app.crash_reason!r}")

    async def stop(self) -> None:
        """Waits for the records in hand, commits and leaves the group."""
        await self._app.stop()

    async def write(self, partition: int, rows: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Returns when these rows (None deletes) are durable, in this order.

        RetryableError where any may be missing, FatalError where brokers refuse them for good.
        """
        topic = changelog_topic(self._spec.app_id)
        await self._send([OutRecord(topic, key, value, (), partition) for key, value in rows])
        for key, value in rows:
            self._table.keep(partition, key, value)

    def behind(self, partition: int, position: int) -> int | None:
        """About how many records the source partition has from an offset on; asks nobody."""
        consumer = self._app.consumer
        tp = TP(self._spec.source, partition)
        return consumer.behind(tp, position) if isinstance(consumer, ExactConsumer) else None

    async def publish(self, records: Sequence[OutRecord]) -> None:
        """Returns when these are acknowledged; raises as `write` does."""
        await self._send(records)

    async def _send(self, records: Sequence[OutRecord]) -> None:
        producer = await self._app.maybe_start_producer()
        try:
            waiting = [
                await producer.send(
                    out.topic, out.key, out.value, out.partition, None, list(out.headers)
                )
                for out in records
            ]
            await asyncio.gather(*waiting)
        except (ProducerSendError, KafkaError, OSError) as error:
            said = f"sending to {records[0].topic}"
            # faust hides some of what its producer is told.
            refused = translate(error.__cause__ or error, said)
            if isinstance(refused, FatalError):
                raise refused from error
            raise RetryableError(f"{said}: {error!r}") from error

    async def _read(self, stream: StreamT[Any]) -> None:
        # The protocol of streams lacks what every stream has.
        reading = cast(Stream[Any], stream).noack()
        async for event in reading.events():
            again_from = await self._handler.take(_record(event), event.ack)
            if again_from is not None:
                with suppress(IllegalStateError):  # The partition has gone in the meantime.
                    await self._seek({event.message.tp: again_from})

    async def _recovered(self, partitions: frozenset[int]) -> None:
        # faust drops what is raised here and would go on without state.
        handing_over = asyncio.ensure_future(self._hand_over(partitions))
        await asyncio.wait({handing_over})
        error = handing_over.exception()
        if error is not None:
            self._fail(error)
            await asyncio.Event().wait()
        self._watch.dealt()

    async def _hand_over(self, partitions: frozenset[int]) -> None:
        consumer = self._app.consumer
        tps = {number: TP(self._spec.source, number) for number in partitions}
        begins = await consumer.earliest_offsets(*tps.values())
        ends = await self._ends(frozenset(tps.values()))
        starts = {
            number: PartitionStart(tuple(self._table.rows(number).items()), begins[tp], ends[tp])
            for number, tp in tps.items()
        }
        await self._handler.recovered(starts)

    async def _on_revoked(self, *_told: object, **_options: object) -> None:
        self._watch.taken_away()
        await self._handler.revoked()

    async def _ends(self, partitions: frozenset[TP]) -> Mapping[TP, int]:
        ends: Mapping[TP, int] = await self._app.consumer.highwaters(*partitions)
        return ends

    async def _seek(self, offsets: Mapping[TP, int]) -> None:
        await self._app.consumer.seek_wait(offsets)

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self._failed.set()

    def _positions(self) -> Mapping[TP, int]:
        positions = self._handler.positions()
        return {TP(self._spec.source, number): offset for number, offset in positions.items()}


class _Nobody:
    """Stands in until the stream is started."""

    async def recovered(self, partitions: Mapping[int, PartitionStart]) -> None:
        """Nobody to tell."""

    async def revoked(self) -> None:
        """Nobody to tell."""

    async def take(self, record: Record, done: Callable[[], object]) -> int | None:
        """Never called before `start`."""
        del record, done
        return None

    def positions(self) -> Mapping[int, int]:
        """Nothing is known yet."""
        return {}


def _record(event: EventT[Any]) -> Record:
    message = event.message
    timestamp_ms = round((message.timestamp or 0.0) * 1_000)
    key = bytes(message.key) if message.key is not None else None
    value = bytes(message.value) if message.value is not None else None
    return Record(message.topic, message.partition, message.offset, timestamp_ms, key, value, ())
