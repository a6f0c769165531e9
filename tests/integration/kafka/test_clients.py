"""What only a real broker can show of the clients: refusals, lost clients, administration."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.admin import KafkaAdmin, TopicFacts, TopicSpec
from plimsoll.adapters.kafka.consumer import KafkaLogConsumer
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.errors import FatalError, PoisonError, RetryableError
from plimsoll.domain.record import OutRecord, Record, TopicPartition
from plimsoll.resilience.patience import keep_trying
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.topics import TopicNames
from tests.support.kafka import GivenBroker, KafkaBroker
from tests.support.ports import free_port

pytestmark = pytest.mark.kafka


@pytest.fixture
def brokers(kafka: KafkaBroker | GivenBroker) -> KafkaSettings:
    """How to reach the broker."""
    return KafkaSettings(bootstrap_servers=kafka.bootstrap, session_timeout_ms=60_000)


@pytest.fixture
async def producer(brokers: KafkaSettings) -> AsyncIterator[KafkaLogProducer]:
    """A started producer."""
    made = KafkaLogProducer(brokers)
    await made.start()
    yield made
    await made.stop()


class Members:
    """A listener whose first assignments may fail."""

    def __init__(self, failures: Sequence[Exception] = ()) -> None:
        self.failures = list(failures)
        self.assigned = 0

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """Fails, or is ready."""
        if self.failures:
            raise self.failures.pop(0)
        self.assigned += 1

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Lets go."""


async def read_through(consumer: KafkaLogConsumer, count: int) -> list[Record]:
    """So many records, through whatever is retryable."""
    taken: list[Record] = []
    async with asyncio.timeout(300):
        while len(taken) < count:
            try:
                taken += await consumer.poll(100, 100)
            except RetryableError:
                await asyncio.sleep(0.1)
    return taken


async def test_a_record_that_is_too_large_is_poison_and_only_that_one(
    producer: KafkaLogProducer, topics: TopicNames
) -> None:
    """The broker's refusal parks one record; what is sent at once after it arrives."""
    huge = OutRecord(topics.scores, b"k", b"x" * 6_000_000, (), 0)
    small = OutRecord(topics.scores, b"k", b"small", (), 0)
    with pytest.raises(PoisonError, match="too_large"):
        await (await producer.send(huge))
    # The refused batch left a hole in the sequence numbers of its partition.
    for _ in range(3):
        position = await (await producer.send(small))
    assert position.offset == 2


async def test_neighbours_of_a_refused_record_are_retryable_or_arrive(
    producer: KafkaLogProducer, topics: TopicNames
) -> None:
    """Records that were on their way with the refused one are never called poison."""
    records = [
        OutRecord(topics.scores, b"k", b"x" * (6_000_000 if n == 3 else 100), (), 0)
        for n in range(8)
    ]
    sent = [await producer.send(record) for record in records]
    ends = await asyncio.gather(*sent, return_exceptions=True)
    assert [n for n, end in enumerate(ends) if isinstance(end, PoisonError)] == [3]
    assert not any(isinstance(end, FatalError) for end in ends)


async def test_an_unknown_topic_is_retryable(brokers: KafkaSettings) -> None:
    """A topic that is not there yet is waited for, not given up."""
    impatient = brokers.model_copy(update={"request_timeout_ms": 1_000})
    producer = KafkaLogProducer(impatient)
    # So little patience may be too little for a connection.
    await keep_trying(producer.start, SystemClock(), lambda _: None)
    with pytest.raises(RetryableError):
        await (await producer.send(OutRecord(f"none-{uuid4().hex}", b"k", b"v")))
    await producer.stop()


async def test_no_broker_is_retryable() -> None:
    """Clients of an address where nobody listens say so, and can be tried again."""
    nobody = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_port()}")
    with pytest.raises(RetryableError, match="connecting a producer"):
        await KafkaLogProducer(nobody).start()
    with pytest.raises(RetryableError, match="joining group"):
        await KafkaLogConsumer(nobody, ["t"], "g").start(Members())
    with pytest.raises(RetryableError, match="connecting to 127"):
        async with KafkaAdmin(nobody):
            pass


async def test_a_lost_client_is_built_anew(
    brokers: KafkaSettings, producer: KafkaLogProducer, topics: TopicNames
) -> None:
    """A consumer whose background task has ended joins again and goes on from the commit."""
    for n in range(6):
        await (await producer.send(OutRecord(topics.results, b"k", b"%d" % n, (), 0)))
    listener = Members()
    consumer = KafkaLogConsumer(brokers, [topics.results], f"g-{uuid4().hex}")
    await consumer.start(listener)
    await read_through(consumer, 6)
    await consumer.commit({TopicPartition(topics.results, 0): (4, "")})
    await consumer._consumer.stop()
    records = await read_through(consumer, 2)
    assert [record.offset for record in records] == [4, 5]
    assert listener.assigned == 2
    await consumer.stop()


async def test_a_listener_that_is_not_ready_is_asked_again(
    brokers: KafkaSettings, producer: KafkaLogProducer, topics: TopicNames
) -> None:
    """Where taking over fails nothing is handed over; the member joins again until it is ready."""
    await (await producer.send(OutRecord(topics.results, b"k", b"v", (), 0)))
    listener = Members([RetryableError("the coordinator does not answer")])
    consumer = KafkaLogConsumer(brokers, [topics.results], f"g-{uuid4().hex}")
    await consumer.start(listener)
    assert len(await read_through(consumer, 1)) == 1
    assert listener.assigned == 1
    await consumer.stop()


async def test_what_a_listener_raises_comes_out_of_the_poll(
    brokers: KafkaSettings, topics: TopicNames
) -> None:
    """The client swallows what listeners raise; a fatal error still ends its worker."""
    consumer = KafkaLogConsumer(brokers, [topics.results], f"g-{uuid4().hex}")
    await consumer.start(Members([FatalError("no permission")]))
    with pytest.raises(FatalError, match="no permission"):
        await consumer.poll(10, 100)
    await consumer.stop()


async def test_topics_are_created_once(brokers: KafkaSettings) -> None:
    """Missing topics are made as specified; those that are there are left alone."""
    name = f"made-{uuid4().hex}"
    async with KafkaAdmin(brokers) as admin:
        spec = TopicSpec(name, 3, 1, (("retention.ms", "123456"),))
        assert await admin.create([spec]) == [name]
        assert await admin.create([spec]) == []
        found = [facts for facts in await admin.describe() if facts.name == name]
        # A broker may tell of a topic a little later than it has made it.
        assert found in ([], [TopicFacts(name, 3, 1, 0)])
        async with asyncio.timeout(300):
            while not (told := await admin.configs(name)):  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.1)
        assert told["retention.ms"] == "123456"


async def test_a_topic_that_no_broker_would_make_is_fatal(brokers: KafkaSettings) -> None:
    """A specification that the brokers refuse says which topic and why."""
    async with KafkaAdmin(brokers) as admin:
        with pytest.raises(FatalError, match="creating topic bad"):
            await admin.create([TopicSpec("bad name!", 1)])


async def test_progress_tells_lag(
    brokers: KafkaSettings, producer: KafkaLogProducer, topics: TopicNames
) -> None:
    """Begin, end, commit and note of each partition, and how much waits."""
    group = f"g-{uuid4().hex}"
    for _ in range(5):
        await (await producer.send(OutRecord(topics.results, b"k", b"v", (), 1)))
    consumer = KafkaLogConsumer(brokers, [topics.results], group)
    await consumer.start(Members())
    await consumer.commit({TopicPartition(topics.results, 1): (2, "a note")})
    async with KafkaAdmin(brokers) as admin:
        progress = await admin.progress(topics.results, group)
        assert await admin.members(group) == 1
        assert await admin.progress("nowhere", group) == []
    assert [p.lag for p in progress] == [0, 3, 0, 0]
    assert (progress[1].committed, progress[1].metadata) == (2, "a note")
    assert progress[0].committed is None
    await consumer.stop()
