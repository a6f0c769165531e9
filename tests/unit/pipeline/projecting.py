"""A log, a store and indexers in memory, for tests of the projection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from plimsoll.domain.errors import FencedError, PlimsollError
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import OutRecord, TopicPartition
from plimsoll.pipeline.projector import Projector
from plimsoll.ports.store import Batch
from plimsoll.wire.dead_letters import encode_dead_letter
from plimsoll.wire.scored import encode_scored
from tests.contracts.memory_store import Memory, MemoryScoreStore
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import START, FakeClock
from tests.support.fake_log import FakeConsumer, FakeLog
from tests.support.scored_events import MAX_BYTES, scored_event

GROUP = "indexers"


class FaultyStore(MemoryScoreStore):
    """Raises what it was given before it writes or claims."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self.faults: list[PlimsollError] = []
        self.attempts = 0
        self.tended = 0

    async def claim(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Raises, or claims."""
        await asyncio.sleep(0)
        # Nobody can be fenced before a claim.
        if self.faults and not isinstance(self.faults[0], FencedError):
            raise self.faults.pop(0)
        return await super().claim(partitions)

    async def write(self, batch: Batch) -> int:
        """Raises, or writes."""
        await asyncio.sleep(0)
        self.attempts += 1
        if self.faults:
            raise self.faults.pop(0)
        return await super().write(batch)

    async def tend(self) -> None:
        """Counts."""
        self.tended += 1


@dataclass
class Indexer:
    """One running indexer and what it stands on."""

    store: FaultyStore
    consumer: FakeConsumer
    projector: Projector
    figures: Figures
    running: asyncio.Task[None]
    ready: asyncio.Event


@dataclass
class World:
    """Two partitions of scores, one of dead letters, one store."""

    clock: FakeClock = field(default_factory=FakeClock)
    memory: Memory = field(default_factory=Memory)
    indexers: list[Indexer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log = FakeLog.of(self.clock, scores=2, dead=1, results=1)

    def score(self, result_id: str, revision: int = 0) -> None:
        """Publishes a scored event."""
        event = scored_event(result_id, 1_000, revision=revision)
        self.log.append(encode_scored(event, "scores", MAX_BYTES))

    def park(self, result_id: str) -> None:
        """Publishes a dead letter of a record of its own."""
        self.log.append(OutRecord("results", f"default/{result_id}".encode(), b"?"))
        source = self.log.topics["results"][0][-1]
        park = Park("undecodable", "not a result")
        self.log.append(encode_dead_letter(source, park, "dead", 1, START, START))

    def start(self, batch_records: int = 7) -> Indexer:
        """Starts one more indexer."""
        store, figures = FaultyStore(self.memory), Figures()
        consumer = FakeConsumer(self.log, ("scores", "dead"), GROUP)
        projector = Projector(
            consumer=consumer,
            store=store,
            clock=self.clock,
            telemetry=figures,
            dead_letter_topic="dead",
            batch_records=batch_records,
            poll_timeout_ms=10,
        )
        ready = asyncio.Event()
        running = asyncio.create_task(projector.run(ready.set))
        one = Indexer(store, consumer, projector, figures, running, ready)
        self.indexers.append(one)
        return one

    def projected(self) -> bool:
        """Whether the store has everything that the topics have."""
        return all(
            self.memory.offsets.get(TopicPartition(topic, n), 0) >= len(records)
            for topic in ("scores", "dead")
            for n, records in enumerate(self.log.topics[topic])
        )

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits for something; a failed indexer fails the test at once."""
        async with asyncio.timeout(120):
            while not holds():
                for one in self.indexers:
                    if one.running.done() and not one.running.cancelled():
                        one.running.result()
                await asyncio.sleep(0)

    async def close(self) -> None:
        """Stops whoever still runs."""
        for one in self.indexers:
            one.projector.stop()
        running = [one.running for one in self.indexers]
        if running:
            await asyncio.wait(running, timeout=60)
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError, PlimsollError):
                await task


DELAY = timedelta(milliseconds=200)
