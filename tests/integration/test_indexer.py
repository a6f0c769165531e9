"""The indexer and the query service on a real Kafka, from event to answer."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.stores import store_to_read
from plimsoll.domain.feedback import Feedback, FeedbackSource
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import OutRecord, Record
from plimsoll.indexer.app import rebuild_store, run_indexer
from plimsoll.ports.store import ScoreFilter, VisibleScore
from plimsoll.query.app import run_query
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import StoreKind
from plimsoll.wire.dead_letters import encode_dead_letter
from plimsoll.wire.scored import encode_scored
from tests.contracts.postgres import migrated_scores
from tests.support.asking import patient_client
from tests.support.fake_clock import START
from tests.support.scored_events import MAX_BYTES, scored_event

pytestmark = pytest.mark.kafka

EVENTS = 200
# With a duplicate of each tenth; a dead letter is beside them.
PUBLISHED = EVENTS + EVENTS // 10


@pytest.fixture(params=["sqlite", "postgres"])
async def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """A deployment on either store."""
    if request.param == "sqlite":
        return settings
    server = await migrated_scores(request.getfixturevalue("postgres"))
    store = settings.store.model_copy(update={"kind": StoreKind.POSTGRES, "postgres": server})
    return settings.model_copy(update={"store": store})


async def exported(settings: Settings) -> list[VisibleScore]:
    """Every visible row, without the order in which the store learned of them."""
    store = store_to_read(settings.store, SystemClock())
    await store.start()
    try:
        rows, _ = await store.list(ScoreFilter(), 1_000, "")
        return [replace(row, sequence=0) for row in rows]
    finally:
        await store.close()


async def publish(settings: Settings, first: int = 0) -> None:
    """So many scored events, a duplicate of each tenth, one that is none, and a dead letter."""
    topic = settings.topics.scores
    records = [
        encode_scored(scored_event(f"r{n}", 1_000), topic, MAX_BYTES)
        for n in range(first, first + EVENTS)
    ]
    records += records[::10]
    records.append(OutRecord(topic, b"default/x", b"\xff\xff"))
    source = Record(settings.topics.results, 0, first, 0, b"default/poison", b"?", ())
    park = Park("undecodable", "not a result")
    records.append(encode_dead_letter(source, park, settings.topics.dead_letters, 1, START, START))
    producer = KafkaLogProducer(settings.kafka)
    await producer.start()
    for sent in [await producer.send(record) for record in records]:
        await sent
    await producer.stop()


async def started(run: Callable[..., Awaitable[None]], settings: Settings) -> asyncio.Task[None]:
    """A service in a task, once it serves."""
    serves = asyncio.Event()
    running = asyncio.ensure_future(run(settings, serves.set))
    ready = asyncio.ensure_future(serves.wait())
    await asyncio.wait({running, ready}, timeout=300, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    assert serves.is_set()
    return asyncio.ensure_future(running)


async def counted(settings: Settings, events: int) -> dict[str, int]:
    """The store's counts once it has taken so many events and the dead letters beside them."""
    store = store_to_read(settings.store, SystemClock())
    await store.start()
    try:
        async with asyncio.timeout(300):
            while True:
                counts = dict(await store.counts())
                if counts["events"] >= events and counts["dead"] >= events // PUBLISHED:
                    return counts
                await asyncio.sleep(0.05)
    finally:
        await store.close()


async def end(*running: asyncio.Task[None]) -> None:
    """SIGTERM, and everybody is gone without an error."""
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(300):
        await asyncio.gather(*running)


async def cancelled(*running: asyncio.Task[None]) -> None:
    """Ends several in one process, where a signal would reach the last one only."""
    for one in running:
        one.cancel()
    await asyncio.wait(running, timeout=300)


async def test_events_come_into_the_store_once(settings: Settings) -> None:
    """Before, during and after a run; duplicates and what is unreadable change nothing."""
    await publish(settings)
    first = await started(run_indexer, settings)
    assert await counted(settings, 220) == {
        "visible": 200,
        "dead": 1,
        "events": 220,
        "duplicates": 20,
        "conflicts": 0,
    }
    await end(first)
    await publish(settings, first=EVENTS)
    second = await started(run_indexer, settings)
    counts = await counted(settings, 440)
    await end(second)
    assert (counts["visible"], counts["events"], counts["duplicates"]) == (400, 440, 40)


async def test_a_rebuild_under_a_running_indexer(settings: Settings) -> None:
    """An emptied store is filled from offset 0 again with the same rows, with nobody restarted."""
    await publish(settings)
    indexer = await started(run_indexer, settings)
    before = await counted(settings, 220)
    rows = await exported(settings)
    assert len(rows) == 200
    await rebuild_store(settings)
    assert await counted(settings, 220) == before
    assert await exported(settings) == rows
    await end(indexer)


async def test_from_event_to_answer(settings: Settings) -> None:
    """A look-up that waits is answered when its event comes; a label ends on its topic."""
    settings.query.max_wait_s = 300
    indexer = await started(run_indexer, settings)
    query = await started(run_query, settings)
    async with patient_client(settings.query.listen) as client:
        key = ResultKey("default", "r7")
        waiting = asyncio.create_task(client.get(key, wait=timedelta(seconds=300)))
        await publish(settings)
        assert (await waiting).scored.score_id == "score-r7-0"
        metrics = await client.list_metrics()
        assert {"response_length", "sequence_probability"} <= {one.name for one in metrics}
        receipt = await client.submit_feedback(Feedback("", key, True, FeedbackSource.HUMAN))
        assert receipt.position.topic == settings.topics.feedback
    await cancelled(query, indexer)


async def test_two_indexers_share_the_work(settings: Settings) -> None:
    """A second one that joins takes partitions over; every event still counts once."""
    first = await started(run_indexer, settings)
    await publish(settings)
    second = await started(run_indexer, settings)
    await publish(settings, first=EVENTS)
    counts = await counted(settings, 440)
    assert (counts["visible"], counts["events"], counts["dead"]) == (400, 440, 2)
    await cancelled(second)
    await publish(settings, first=2 * EVENTS)
    assert (await counted(settings, 660))["visible"] == 600
    await cancelled(first)
