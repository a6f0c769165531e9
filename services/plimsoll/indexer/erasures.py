"""The indexer's ear for orders to erase: applied before anything is projected, then followed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.adapters.stores import judge_store, key_store
from plimsoll.domain.errors import RetryableError
from plimsoll.indexer.left import what_is_left
from plimsoll.pipeline.erasing import Eraser
from plimsoll.ports.clock import Clock
from plimsoll.ports.evidence_keys import EvidenceKeyStore
from plimsoll.ports.memo import JudgeMemo
from plimsoll.ports.store import ScoreStore
from plimsoll.ports.telemetry import Telemetry
from plimsoll.resilience.patience import keep_trying
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import StoreKind

_log = structlog.get_logger(__name__)

_NO_TOPIC_DELAY = timedelta(seconds=10)


class Erasures:
    """Follows the topic beside the projector, on connections of its own."""

    def __init__(
        self,
        settings: Settings,
        store: ScoreStore,
        clock: Clock,
        telemetry: Telemetry,
        leads: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._producer = KafkaLogProducer(settings.kafka, "indexer")
        self._eraser = Eraser(
            store=store,
            open_memo=self._open_memo,
            open_keys=self._open_keys,
            producer=self._producer,
            clock=clock,
            telemetry=telemetry,
            topic=settings.topics.erasures,
            left=what_is_left(settings),
            leads=leads,
        )

    async def catch_up(self) -> None:
        """Applies all that the topic holds now; waits for brokers and store that are away."""
        await keep_trying(self._read_all, self._clock, _note_wait)

    async def follow(self) -> None:
        """Applies and proves what comes, until it is cancelled; waits for what is away."""
        while True:
            await keep_trying(self._follow, self._clock, _note_wait)

    async def _read_all(self) -> None:
        async with KafkaReader(self._settings.kafka, "indexer") as reader:
            partitions = await reader.partitions(self._settings.topics.erasures)
            if partitions:
                await self._eraser.take(await reader.whole(partitions))

    async def _follow(self) -> None:
        async with KafkaReader(self._settings.kafka, "indexer") as reader:
            topic = self._settings.topics.erasures
            partitions = await reader.partitions(topic)
            if not partitions:
                remedy = f"there is no topic {topic}: run `plimsoll topics apply`"
                raise RetryableError(remedy, _NO_TOPIC_DELAY)
            await self._producer.start()
            try:
                async for records in reader.follow(partitions):
                    await self._eraser.take(records)
                    await self._eraser.prove()
            finally:
                # Each time tried anew is a connection of its own.
                await asyncio.shield(self._producer.stop())

    @asynccontextmanager
    async def _open_memo(self) -> AsyncIterator[JudgeMemo | None]:
        judges = self._settings.judges
        if judges.store.kind is StoreKind.SQLITE and not judges.path.exists():
            yield None
            return
        store = judge_store(judges, self._clock)
        try:
            await store.start()
            yield store
        finally:
            await store.close()

    @asynccontextmanager
    async def _open_keys(self) -> AsyncIterator[EvidenceKeyStore | None]:
        evidence = self._settings.evidence
        if not evidence.has_keys:
            yield None
            return
        store = key_store(evidence)
        try:
            await store.start()
            yield store
        finally:
            await store.close()


def _note_wait(error: RetryableError) -> None:
    _log.warning("indexer.erasures.wait", error=str(error))
