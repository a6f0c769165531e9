"""The indexer's composition root, and how its store is rebuilt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.consumer import KafkaLogConsumer
from plimsoll.adapters.stores import name_of, store_to_write
from plimsoll.adapters.telemetry.certificates import kafka_certificates, watched_certificates
from plimsoll.adapters.telemetry.opening import open_tracing
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.adapters.watched_secrets import stop_when_asked
from plimsoll.domain.record import TopicPartition
from plimsoll.indexer.erasures import Erasures
from plimsoll.pipeline.projector import Projector
from plimsoll.pipeline.starting import when_there
from plimsoll.ports.telemetry import READY, STORE_WAITS
from plimsoll.resilience.patience import ended_unless
from plimsoll.settings.model import Settings

_log = structlog.get_logger(__name__)


async def run_indexer(settings: Settings, ready: Callable[[], None] | None = None) -> None:
    """Projects scores and dead letters into the store until SIGTERM or SIGINT, then drains.

    `ready` is called once, when the group is joined. Raises FatalError where the store cannot be
    used or is not of these topics.
    """
    clock, telemetry = SystemClock(), PrometheusTelemetry()
    telemetry.serve(settings.indexer.telemetry_port)

    def joined() -> None:
        telemetry.set(READY, 1)
        if ready is not None:
            ready()

    async with AsyncExitStack() as stack:
        stop = await stack.enter_async_context(stop_when_asked(settings.watched_secrets))
        store = store_to_write(settings.store, clock)
        stack.push_async_callback(store.close)
        start = when_there("scores", clock, lambda: telemetry.count(STORE_WAITS))
        started = await ended_unless(stop, start(store))
        if started.cancelled():
            return
        started.result()
        tracing = open_tracing(settings.telemetry, "indexer")
        if tracing is not None:
            stack.callback(tracing.stop)
        files = kafka_certificates(settings.kafka)
        await stack.enter_async_context(watched_certificates(files, clock, telemetry))
        topics = settings.topics
        projector = Projector(
            consumer=KafkaLogConsumer(
                settings.kafka,
                (topics.scores, topics.dead_letters),
                settings.indexer.group_id,
                role="indexer",
            ),
            store=store,
            clock=clock,
            telemetry=telemetry,
            dead_letter_topic=topics.dead_letters,
            batch_records=settings.indexer.batch_records,
            poll_timeout_ms=settings.indexer.poll_timeout_ms,
            tracing=tracing,
        )
        # One of all indexers proves what was erased: whoever has the first partition.
        first = TopicPartition(topics.scores, 0)
        erasures = Erasures(
            settings, store, clock, telemetry, leads=lambda: first in projector.claimed
        )
        await _run(projector, erasures, stop, telemetry, joined)


async def _run(
    projector: Projector,
    erasures: Erasures,
    stop: asyncio.Event,
    telemetry: PrometheusTelemetry,
    joined: Callable[[], None],
) -> None:
    """Erases, then projects, until somebody says stop; raises what ends either before."""
    caught_up = False

    async def project() -> None:
        nonlocal caught_up
        await erasures.catch_up()
        caught_up = True
        await projector.run(joined)

    running = asyncio.create_task(project())
    following = asyncio.create_task(erasures.follow())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, following, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        telemetry.set(READY, 0)
        projector.stop()
        if not caught_up:
            # It may be waiting for brokers that never come, and has nothing in hand.
            running.cancel()
        stopping.cancel()
        following.cancel()
        await asyncio.wait({running, following})
    for ended in (following, running):
        if not ended.cancelled():
            ended.result()


async def rebuild_store(settings: Settings) -> None:
    """Empties the store, so that the indexer reads its topics from offset 0 again.

    Indexers that run are fenced, and start over by themselves. A file that cannot be read has to
    be moved away first: FatalError says so.
    """
    store = store_to_write(settings.store, SystemClock())
    try:
        await store.start()
        await store.reset()
    finally:
        await store.close()
    _log.info("indexer.store.emptied", store=name_of(settings.store))
