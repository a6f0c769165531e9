"""A consume loop on a log in memory, for tests to play on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.domain.outcome import Park, Publish
from plimsoll.domain.record import OutRecord, Record
from plimsoll.pipeline.attempt import Outcomes, RecordPath
from plimsoll.pipeline.delivery import Delivery
from plimsoll.pipeline.limits import Limits
from plimsoll.pipeline.loop import ConsumeLoop
from tests.support.fake_clock import FakeClock
from tests.support.fake_log import FakeConsumer, FakeLog, FakeProducer

GROUP = "scorers"


class FakeParking:
    """Dead letters with the reason as their only header."""

    def whole(self, record: Record, park: Park) -> OutRecord:
        """With the bytes."""
        return OutRecord(
            "dead", record.key, record.value, (("reason", park.reason.encode()),), partition=0
        )

    def by_reference(self, record: Record, park: Park) -> OutRecord:
        """Without the bytes."""
        return OutRecord("dead", None, b"", (("reason", park.reason.encode()),), partition=0)


def publish(record: Record) -> Outcomes:
    """One event for one record."""
    return (Publish((OutRecord("scores", record.key, record.value, (), 0),)),)


@dataclass
class Worker:
    """One loop with its ends; `dies` is a SIGKILL, `drains` a SIGTERM."""

    loop: ConsumeLoop
    consumer: FakeConsumer
    producer: FakeProducer
    telemetry: PrometheusTelemetry
    running: asyncio.Task[None]

    async def dies(self) -> None:
        """Nothing is finished, committed or said."""
        self.is_killed()
        await asyncio.wait({self.running})

    def is_killed(self) -> None:
        """The same, without waiting for it."""
        self.consumer.vanish()
        self.producer.vanish()
        self.running.cancel()

    async def drains(self) -> None:
        """Finishes, commits and leaves."""
        self.loop.stop()
        await self.running


@dataclass
class Stage:
    """A log with results, rescores, scores and dead letters; results are keyed by their number."""

    clock: FakeClock = field(default_factory=FakeClock)
    limits: Limits = field(default_factory=Limits)
    partitions: int = 1

    def __post_init__(self) -> None:
        """Creates the log."""
        self.log = FakeLog.of(self.clock, results=self.partitions, rescores=1, scores=1, dead=1)

    def feed(self, count: int, topic: str = "results", partition: int = 0) -> None:
        """Appends so many records."""
        for _ in range(count):
            number = len(self.log.topics[topic][partition])
            key = f"{partition}-{number}".encode()
            self.log.append(OutRecord(topic, key, b"value", (), partition))

    def worker(self, path: RecordPath, *topics: str) -> Worker:
        """Starts a worker."""
        consumer = FakeConsumer(self.log, topics or ("results",), GROUP)
        producer = FakeProducer(self.log)
        telemetry = PrometheusTelemetry()
        loop = ConsumeLoop(
            consumer=consumer,
            producer=producer,
            path=path,
            delivery=Delivery(producer, self.clock, telemetry, FakeParking()),
            clock=self.clock,
            telemetry=telemetry,
            limits=self.limits,
        )
        running = asyncio.ensure_future(loop.run(lambda: None))
        return Worker(loop, consumer, producer, telemetry, running)

    async def until(self, fact: Callable[[], bool], turns: int = 20_000) -> None:
        """Lets the workers run until a fact holds; fails where it never does."""
        for _ in range(turns):
            if fact():
                return
            await asyncio.sleep(0)
        raise AssertionError("it never came to that")

    def scored(self) -> list[str]:
        """Keys of what was published, in order."""
        return [(record.key or b"").decode() for record in self.log.records("scores")]

    def dead(self) -> list[tuple[str, str]]:
        """Key and reason of what was parked."""
        return [
            ((record.key or b"").decode(), (record.header("reason") or b"").decode())
            for record in self.log.records("dead")
        ]

    def committed(self, partition: int = 0) -> int:
        """The group's next offset of the results."""
        return self.log.committed(GROUP, "results", partition)
