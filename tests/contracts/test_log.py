"""What every partitioned log does: the one in memory that tests play on, and Apache Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.consumer import KafkaLogConsumer
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.record import OutRecord, Record, TopicPartition
from plimsoll.ports.log import LogConsumer, LogProducer
from plimsoll.settings.kafka import KafkaSettings
from tests.support.fake_log import FakeConsumer, FakeLog, FakeProducer
from tests.support.kafka import GivenBroker, KafkaBroker
from tests.support.topics import delete_topics, make_topics

PARTITIONS = 4
PATIENCE_S = 300.0


@dataclass
class Listening:
    """Notes what comes and goes, and may do something first."""

    assigned: list[TopicPartition] = field(default_factory=list)
    revoked: list[TopicPartition] = field(default_factory=list)
    before_assigned: Callable[[Sequence[TopicPartition]], None] = lambda _: None

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """Partitions come."""
        self.before_assigned(partitions)
        # Whoever must prepare, waits: nothing may be fetched meanwhile.
        await asyncio.sleep(0.05)
        self.assigned += partitions

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Partitions go."""
        self.revoked += partitions
        for partition in partitions:
            if partition in self.assigned:
                self.assigned.remove(partition)


class Log:
    """Members and producers of one log, all stopped at the end."""

    def __init__(
        self,
        topic: str,
        member: Callable[[], LogConsumer],
        producer: Callable[[], LogProducer],
        stack: AsyncExitStack,
    ) -> None:
        self.topic = topic
        self._member = member
        self._producer = producer
        self._stack = stack

    def member(self) -> LogConsumer:
        """A member of the group; not started."""
        made = self._member()
        self._stack.push_async_callback(made.stop)
        return made

    async def producer(self) -> LogProducer:
        """A started producer."""
        made = self._producer()
        await made.start()
        self._stack.push_async_callback(made.stop)
        return made

    async def filled(self, count: int, partition: int = 0) -> None:
        """So many records in a partition, all acknowledged."""
        producer = await self.producer()
        sent = [
            await producer.send(
                OutRecord(self.topic, b"k%d" % n, b"v%d" % n, (("h", b"x"),), partition)
            )
            for n in range(count)
        ]
        await asyncio.gather(*sent)

    def at(self, partition: int) -> TopicPartition:
        """A partition of the topic."""
        return TopicPartition(self.topic, partition)


@pytest.fixture(params=["memory", "kafka"])
def bootstrap(request: pytest.FixtureRequest) -> str:
    """A broker's address; empty for the log in memory."""
    if request.param == "memory":
        return ""
    broker: KafkaBroker | GivenBroker = request.getfixturevalue("kafka")
    return broker.bootstrap


@pytest.fixture
async def log(bootstrap: str) -> AsyncIterator[Log]:
    """A log with one topic of four partitions."""
    topic, group = (f"{word}-{uuid4().hex}" for word in ("topic", "group"))
    async with AsyncExitStack() as stack:
        if not bootstrap:
            memory = FakeLog(SystemClock(), {topic: [[] for _ in range(PARTITIONS)]})
            yield Log(
                topic,
                lambda: FakeConsumer(memory, [topic], group),
                lambda: FakeProducer(memory),
                stack,
            )
            return
        await make_topics(bootstrap, [topic])
        stack.push_async_callback(delete_topics, bootstrap, [topic])
        settings = KafkaSettings(bootstrap_servers=bootstrap, session_timeout_ms=60_000)
        yield Log(
            topic,
            lambda: KafkaLogConsumer(settings, [topic], group),
            lambda: KafkaLogProducer(settings),
            stack,
        )


async def read(consumer: LogConsumer, count: int, max_records: int = 1_000) -> list[Record]:
    """At least so many records; fails where they do not come."""
    taken: list[Record] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(taken) < count:
            taken += await consumer.poll(max_records, 100)
    return taken


async def test_what_is_sent_is_read(log: Log) -> None:
    """Key, value and headers come back, in the order of their partition, from the first on."""
    await log.filled(20)
    consumer = log.member()
    await consumer.start(Listening())
    records = await read(consumer, 20)
    assert [r.offset for r in records] == list(range(20))
    assert [(r.key, r.value) for r in records] == [(b"k%d" % n, b"v%d" % n) for n in range(20)]
    assert records[0].header("h") == b"x"
    assert records[0].timestamp_ms > 1_600_000_000_000


async def test_an_acknowledgement_gives_the_position(log: Log) -> None:
    """The future of a send gives topic, partition and offset."""
    producer = await log.producer()
    await (await producer.send(OutRecord(log.topic, None, b"a", (), 2)))
    position = await (await producer.send(OutRecord(log.topic, None, b"b", (), 2)))
    assert (position.topic, position.partition, position.offset) == (log.topic, 2, 1)


async def test_one_key_has_one_partition(log: Log) -> None:
    """Records of one key stand in one partition, and many keys stand in several."""
    producer = await log.producer()
    sent = [
        await (await producer.send(OutRecord(log.topic, b"key%d" % (n % 20), b"v")))
        for n in range(40)
    ]
    for n in range(20):
        assert sent[n].partition == sent[n + 20].partition
    assert len({position.partition for position in sent}) > 1


async def test_a_poll_gives_no_more_than_asked(log: Log) -> None:
    """max_records holds, and the rest comes with later polls."""
    await log.filled(30)
    consumer = log.member()
    await consumer.start(Listening())
    seen: list[int] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(seen) < 30:
            records = await consumer.poll(7, 100)
            assert len(records) <= 7
            seen += [r.offset for r in records]
    assert seen == list(range(30))


async def test_a_paused_partition_gives_nothing_and_loses_nothing(log: Log) -> None:
    """While it is paused nothing of it is handed over; afterwards it goes on where it was."""
    await log.filled(10, 0)
    await log.filled(10, 1)
    consumer = log.member()
    await consumer.start(Listening())
    consumer.pause([log.at(0), TopicPartition("nobody", 9)])
    records = await read(consumer, 10)
    assert {r.partition for r in records} == {1}
    assert await consumer.poll(100, 200) == []
    consumer.resume([log.at(0)])
    assert [r.offset for r in await read(consumer, 10)] == list(range(10))


async def test_with_everything_paused_a_poll_returns(log: Log) -> None:
    """A worker that is full keeps polling, and gets nothing."""
    await log.filled(5)
    consumer = log.member()
    await consumer.start(Listening())
    consumer.pause([log.at(n) for n in range(PARTITIONS)])
    for _ in range(3):
        assert await consumer.poll(100, 50) == []


async def test_a_commit_keeps_offset_and_metadata(log: Log) -> None:
    """What is committed is read back with its metadata; what never was is None."""
    await log.filled(5)
    consumer = log.member()
    await consumer.start(Listening())
    await consumer.commit({log.at(0): (3, "a note")})
    assert await consumer.committed(log.at(0)) == (3, "a note")
    assert await consumer.committed(log.at(1)) is None


async def test_nothing_is_committed_by_itself(log: Log) -> None:
    """A member that read and left without a commit leaves everything to the next one."""
    await log.filled(10)
    first = log.member()
    await first.start(Listening())
    await read(first, 10)
    await first.stop()
    second = log.member()
    await second.start(Listening())
    assert [r.offset for r in await read(second, 10)] == list(range(10))


async def test_the_next_member_goes_on_from_the_commit(log: Log) -> None:
    """Offsets below the committed one are not handed over again."""
    await log.filled(10)
    first = log.member()
    await first.start(Listening())
    await read(first, 10)
    await first.commit({log.at(0): (6, "")})
    await first.stop()
    second = log.member()
    await second.start(Listening())
    assert [r.offset for r in await read(second, 4)] == [6, 7, 8, 9]


async def test_a_seek_at_assignment_decides(log: Log) -> None:
    """Who keeps offsets elsewhere seeks to them, and is given nothing from before."""
    await log.filled(10)
    consumer = log.member()

    def seek(partitions: Sequence[TopicPartition]) -> None:
        if log.at(0) in partitions:
            consumer.seek(log.at(0), 8)

    await consumer.start(Listening(before_assigned=seek))
    assert [r.offset for r in await read(consumer, 2)] == [8, 9]


async def test_nothing_is_handed_over_before_the_listener_is_ready(log: Log) -> None:
    """Every record belongs to a partition of which the listener has been told."""
    for partition in range(PARTITIONS):
        await log.filled(20, partition)
    listening, taken = Listening(), 0
    consumer = log.member()
    starting = asyncio.ensure_future(consumer.start(listening))
    await starting
    async with asyncio.timeout(PATIENCE_S):
        while taken < 80:
            for record in await consumer.poll(5, 50):
                assert TopicPartition(record.topic, record.partition) in listening.assigned
                taken += 1


async def test_members_share_the_partitions(log: Log) -> None:
    """A second member takes partitions over: none is held by both, none by nobody."""
    listening = [Listening(), Listening()]
    members = [log.member(), log.member()]
    everything = {log.at(n) for n in range(PARTITIONS)}
    await members[0].start(listening[0])
    assert set(listening[0].assigned) == everything

    async def keep_polling(consumer: LogConsumer) -> None:
        while True:
            await consumer.poll(10, 50)
            await asyncio.sleep(0.01)

    polling = asyncio.ensure_future(keep_polling(members[0]))
    await members[1].start(listening[1])
    async with asyncio.timeout(PATIENCE_S):
        # One that has stood still may come too late and be taken in anew: it is waited for.
        while not (
            all(each.assigned for each in listening)
            and everything == {tp for each in listening for tp in each.assigned}
        ):
            await members[1].poll(10, 50)
    polling.cancel()
    mine, yours = (set(each.assigned) for each in listening)
    assert not mine & yours
    assert set(listening[0].revoked) == everything


async def test_who_is_behind_is_known_without_asking(log: Log) -> None:
    """More than none while records wait to be handed over, then 0; of what is not ours nothing."""
    await log.filled(10)
    consumer = log.member()
    await consumer.start(Listening())
    taken = await read(consumer, 3, max_records=3)
    assert consumer.behind(log.at(0)) == 10 - len(taken)
    await read(consumer, 10 - len(taken))
    async with asyncio.timeout(PATIENCE_S):
        while [consumer.behind(log.at(n)) for n in range(PARTITIONS)] != [0] * PARTITIONS:
            await consumer.poll(10, 50)
    assert consumer.behind(TopicPartition("nobody", 9)) is None


async def test_end_offsets_count_what_was_written(log: Log) -> None:
    """The end of a partition is the offset of its next record, its begin that of its first."""
    await log.filled(7, 1)
    consumer = log.member()
    await consumer.start(Listening())
    ends = await consumer.end_offsets([log.at(0), log.at(1)])
    assert ends == {log.at(0): 0, log.at(1): 7}
    assert await consumer.begin_offsets([log.at(0), log.at(1)]) == {log.at(0): 0, log.at(1): 0}


async def test_stopping_twice_is_stopping_once(log: Log) -> None:
    """Stop never raises, not even where there is nothing to stop."""
    consumer, producer = log.member(), await log.producer()
    await consumer.stop()
    await consumer.start(Listening())
    for each in (consumer, producer):
        await each.stop()
        await each.stop()
