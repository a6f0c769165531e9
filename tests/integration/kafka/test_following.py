"""A topic is followed from its first record on; what is away is waited for and told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.following import TopicFollower, followed
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.record import OutRecord, Record
from plimsoll.pipeline.learned import LearnedTable
from plimsoll.scorer.learned import follow_learned
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.scorer import ScorerSettings
from tests.support.counting_telemetry import Figures
from tests.support.kafka import GivenBroker, KafkaBroker
from tests.support.ports import closed_port

DEADLINE_S = 300.0
FOR_EVER_S = 3_600.0


class Heard:
    """Facts that remember what they were told: the values, and whether they may be old."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.lost = False
        self.changed = asyncio.Event()

    def replace(self, records: Sequence[Record]) -> None:
        """All of it."""
        self.values, self.lost = [], False
        self.take(records)

    def take(self, records: Sequence[Record]) -> None:
        """More of it."""
        self.values += [record.value or b"" for record in records]
        self.changed.set()

    def lose(self) -> None:
        """None of it."""
        self.lost = True
        self.changed.set()

    async def until(self, fact: Callable[[], bool]) -> None:
        """Waits until that is true."""
        async with asyncio.timeout(DEADLINE_S):
            while not fact():
                self.changed.clear()
                await self.changed.wait()


async def publish(settings: Settings, *values: bytes) -> None:
    """Sends them in order under one key, and waits for each acknowledgement."""
    topic = settings.topics.calibrations
    producer = KafkaLogProducer(settings.kafka)
    await producer.start()
    for sent in [await producer.send(OutRecord(topic, b"k", value)) for value in values]:
        await sent
    await producer.stop()


@pytest.mark.kafka
async def test_a_topic_is_read_whole_and_then_on(settings: Settings) -> None:
    """What was there is told at once, and each later record once, after it."""
    await publish(settings, b"1", b"2")
    heard = Heard()
    topic = settings.topics.calibrations
    follower = TopicFollower(settings.kafka, topic, heard, SystemClock(), "test")
    async with followed(follower):
        await heard.until(lambda: heard.values == [b"1", b"2"])
        assert follower.known.is_set()
        await publish(settings, b"3", b"4")
        await heard.until(lambda: heard.values == [b"1", b"2", b"3", b"4"])


@pytest.mark.kafka
async def test_a_topic_that_is_not_there_is_known_not_to_be(
    kafka: KafkaBroker | GivenBroker,
) -> None:
    """Nobody has to wait for one that nobody has made."""
    heard = Heard()
    named = KafkaSettings(bootstrap_servers=kafka.bootstrap)
    follower = TopicFollower(named, f"never-{uuid4().hex}", heard, SystemClock(), "test")
    async with followed(follower):
        await heard.until(lambda: heard.lost)
        assert follower.known.is_set()


async def test_brokers_that_are_away_are_no_news() -> None:
    """It is told that nothing can be read, and what the topic holds stays unknown."""
    heard = Heard()
    with closed_port() as port:
        named = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}")
        follower = TopicFollower(named, "calibrations", heard, SystemClock(), "test")
        async with followed(follower):
            await heard.until(lambda: heard.lost)
            assert not follower.known.is_set()


class Failing(Heard):
    """Facts that cannot make anything of the first record that they are told."""

    def __init__(self, how: BaseException) -> None:
        super().__init__()
        self.how = how
        self.failed = False

    def take(self, records: Sequence[Record]) -> None:
        """Fails once."""
        if records and not self.failed:
            self.failed = True
            raise self.how
        super().take(records)


class Quick(SystemClock):
    """A clock on which the minute after a failure is short."""

    async def sleep(self, seconds: float) -> None:
        """A hundredth of it."""
        await super().sleep(seconds / 100)


@pytest.mark.kafka
@pytest.mark.parametrize("how", [ArithmeticError(), asyncio.CancelledError()], ids=["", "cancels"])
async def test_a_failure_that_nobody_foresaw_is_tried_again(
    settings: Settings, how: BaseException
) -> None:
    """What was read is taken for lost until the topic is read whole again.

    So it is where something that is waited for was cancelled from within.
    """
    await publish(settings, b"1")
    heard = Failing(how)
    topic = settings.topics.calibrations
    follower = TopicFollower(settings.kafka, topic, heard, Quick(), "test")
    async with followed(follower):
        await heard.until(lambda: heard.lost)
        await heard.until(lambda: heard.values == [b"1"] and not heard.lost)


@pytest.mark.parametrize("wait_s", [0.0, FOR_EVER_S])
async def test_a_scorer_waits_for_what_was_learned_for_so_long(wait_s: float) -> None:
    """After its time it goes on without, and at once where somebody says stop."""
    stop = asyncio.Event()
    if wait_s:
        stop.set()
    with closed_port() as port:
        settings = Settings(
            kafka=KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}"),
            scorer=ScorerSettings(learned_wait_s=wait_s),
        )
        table = LearnedTable(SystemClock(), Figures())
        async with (
            asyncio.timeout(DEADLINE_S),
            follow_learned(settings, table, SystemClock(), stop),
        ):
            pass
