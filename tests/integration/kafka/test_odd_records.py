"""Records that aiokafka cannot read cost nobody anything: not their neighbours, not themselves."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from uuid import uuid4

import pytest

from plimsoll.adapters.kafka.consumer import KafkaLogConsumer
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.record import OutRecord, Record, TopicPartition
from plimsoll.settings.model import Settings
from tests.integration.kafka.test_clients import Members
from tests.support.load import llm_result
from tests.support.odd_records import ODD_NAME, RawHeaders, send_in_one_batch
from tests.support.reader import read_topic, wait_until_committed
from tests.support.services import fleet

pytestmark = pytest.mark.kafka

PLAIN: RawHeaders = ((b"plain", b"1"),)
ODD: RawHeaders = ((ODD_NAME, b"1"),)


class Goes(Members):
    """A listener that sends its member to where each partition begins."""

    def __init__(self, consumer: KafkaLogConsumer) -> None:
        super().__init__()
        self.consumer = consumer


async def read(consumer: KafkaLogConsumer, count: int, at_once: int) -> list[Record]:
    """So many records, some at a time."""
    taken: list[Record] = []
    async with asyncio.timeout(300):
        while len(taken) < count:
            try:
                taken += await consumer.poll(at_once, 100)
            except RetryableError:
                await asyncio.sleep(0.1)
    return taken


@pytest.mark.parametrize("at_once", [1, 3, 500])
async def test_a_name_that_is_no_text_hides_no_record(settings: Settings, at_once: int) -> None:
    """Every record comes once and in order, those of other partitions too."""
    topic, bootstrap = settings.topics.results, settings.kafka.bootstrap_servers
    producer = KafkaLogProducer(settings.kafka)
    await producer.start()
    for number in range(40):
        await producer.send(OutRecord(topic, b"k", b"%d" % number, (), number % 4))
    await producer.flush()
    for partition in (1, 2):
        odd = [(b"k", b"%d" % n, ODD if n in {2, 3, 7} else PLAIN) for n in range(8)]
        await send_in_one_batch(bootstrap, topic, partition, odd)
    for number in range(40):
        await producer.send(OutRecord(topic, b"k", b"%d" % number, (), number % 4))
    await producer.flush()
    await producer.stop()
    consumer = KafkaLogConsumer(settings.kafka, [topic], f"g-{uuid4().hex}")
    await consumer.start(Members())
    records = await read(consumer, 96, at_once)
    await consumer.stop()
    for partition in range(4):
        offsets = [record.offset for record in records if record.partition == partition]
        assert offsets == list(range(28 if partition in {1, 2} else 20))
    names = [r.headers[0][0] for r in records if r.partition == 1 and r.offset in {12, 13, 17}]
    assert names == [r"\xff\xfe"] * 3


async def test_odd_names_behind_the_begin_of_the_log_are_read(settings: Settings) -> None:
    """A member whose commit is beyond the end starts at the earliest record, odd or not."""
    topic, bootstrap = settings.topics.results, settings.kafka.bootstrap_servers
    await send_in_one_batch(bootstrap, topic, 0, [(b"k", b"0", ODD), (b"k", b"1", PLAIN)])
    group = f"g-{uuid4().hex}"
    first = KafkaLogConsumer(settings.kafka, [topic], group)
    await first.start(Members())
    await first.commit({TopicPartition(topic, 0): (1_000, "")})
    await first.stop()
    second = KafkaLogConsumer(settings.kafka, [topic], group)
    await second.start(Members())
    assert [record.offset for record in await read(second, 2, 10)] == [0, 1]
    await second.stop()


async def test_a_result_with_an_odd_header_is_scored(settings: Settings, tmp_path: Path) -> None:
    """The header is none of ours: the result is scored like its neighbours, and none is parked."""
    ours = (b"ce_type", b"plimsoll.v1.LlmResult")
    chance = random.Random(1)
    records = [
        (
            b"default/r-%d" % n,
            llm_result(chance, f"r-{n}", "default").SerializeToString(),
            [ours, *(ODD if n == 1 else PLAIN)],
        )
        for n in range(3)
    ]
    topics, bootstrap = settings.topics, settings.kafka.bootstrap_servers
    await send_in_one_batch(bootstrap, topics.results, 0, records)
    with fleet(tmp_path / "logs") as ships:
        scorer = ships.scorer(settings)
        await wait_until_committed(bootstrap, settings.scorer.group_id, topics.results)
        scorer.terminate()
        assert await scorer.ended() == 0
    assert not await read_topic(bootstrap, topics.dead_letters)
    scored = await read_topic(bootstrap, topics.scores)
    assert {record.key for record in scored} == {key for key, _, _ in records}


async def test_readers_outside_of_groups_pass_odd_names_too(settings: Settings) -> None:
    """Whoever looks for a result or a dead letter gets every record, once and in order."""
    topic, bootstrap = settings.topics.results, settings.kafka.bootstrap_servers
    partitions = [TopicPartition(topic, partition) for partition in range(4)]
    for partition in (1, 2):
        odd = [(b"k", b"%d" % n, ODD if n in {0, 3} else PLAIN) for n in range(6)]
        await send_in_one_batch(bootstrap, topic, partition, odd)
    async with KafkaReader(settings.kafka) as reader:
        found = await reader.whole(partitions)
        for partition in (1, 2):
            values = [record.value for record in found if record.partition == partition]
            assert values == [b"%d" % n for n in range(6)]
        followed: list[Record] = []
        async with asyncio.timeout(300):
            async for batch in reader.follow(partitions):
                followed += batch
                if len(followed) >= 12:
                    break
    assert sorted(record.value or b"" for record in followed) == sorted(
        record.value or b"" for record in found
    )
