"""The checker's own eyes: topics from offset 0, committed offsets and ends, by plain aiokafka.

Nothing here imports the pipeline: events are read by the generated protobuf and by the header
names that the contract fixes, written out once more.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from plimsoll.settings.topics import TopicNames
from plimsoll.v1 import score_pb2
from tests.support.checker import Dead, Input, Partition, Run, Sample, Scored, Source
from tests.support.store_reader import content_of, dead_sources, visible_rows
from tests.support.topics import ANSWER_MS, administering

# Which results a produced record holds: a JSON list of keys, null for poison.
RESULTS_HEADER = "test-results"
SAMPLE_INTERVAL_S = 0.1
MIN_SAMPLES = 10
# Records that are read with care take a commit each: thousands of them are minutes.
DONE_DEADLINE_S = 600.0


async def read_topic(bootstrap: str, topic: str) -> list[Any]:
    """Every record of a topic, by partition and offset."""
    async with _reader(bootstrap) as consumer:
        partitions = await _partitions(consumer, topic)
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        found: list[Any] = []
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                batches = await consumer.getmany(partition, timeout_ms=500)
                for batch in batches.values():
                    found.extend(batch)
    return found


def as_input(record: Any) -> Input:
    """A record of the results topic; what it holds stands in its header."""
    results = json.loads(header(record, RESULTS_HEADER) or "[null]")
    return Input(_place(record), record.offset, record.value, tuple(results))


def as_scored(record: Any) -> Scored:
    """A scored event."""
    event = score_pb2.ScoredResult.FromString(record.value)
    source = event.observation.source
    return Scored(
        partition=_place(record),
        offset=record.offset,
        source=Source(source.topic, source.partition, source.offset, source.index),
        key=f"{event.tenant}/{event.result_id}",
        record_key=(record.key or b"").decode(),
        score_id=event.score_id,
        revision=event.revision,
        content=content_of(event),
    )


def as_dead(record: Any) -> Dead:
    """A dead letter; its facts stand in headers."""
    source = Source(
        header(record, "plimsoll-dlq-topic"),
        int(header(record, "plimsoll-dlq-partition")),
        int(header(record, "plimsoll-dlq-offset")),
        int(header(record, "plimsoll-dlq-index")),
    )
    reason = header(record, "plimsoll-dlq-reason")
    # A null value travels as empty bytes with a word beside them.
    value = None if header(record, "plimsoll-dlq-value") == "null" else record.value
    return Dead(_place(record), record.offset, source, value, reason)


def header(record: Any, name: str) -> str:
    """A header's text, '' where there is none."""
    return next((value.decode() for key, value in record.headers if key == name), "")


class OffsetSampler:
    """Watches a group's commits beside the ends of its outcome topics, ten times a second."""

    def __init__(self, bootstrap: str, group_id: str, topics: TopicNames) -> None:
        self.samples: list[Sample] = []
        self._bootstrap = bootstrap
        self._group_id = group_id
        self._outcomes = (topics.scores, topics.dead_letters)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[OffsetSampler]:
        """Samples until the block ends."""
        task = asyncio.create_task(self._watch())
        try:
            yield self
            await self._enough(task)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _enough(self, task: asyncio.Task[None]) -> None:
        """Where all else was quicker, it looks on until it has seen something."""
        deadline = time.monotonic() + DONE_DEADLINE_S
        while len(self.samples) < MIN_SAMPLES and not task.done():
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.samples)} samples of {self._group_id}")
            await asyncio.sleep(SAMPLE_INTERVAL_S)

    async def _watch(self) -> None:
        async with _reader(self._bootstrap) as consumer, administering(self._bootstrap) as admin:
            outcomes = [
                part for name in self._outcomes for part in await _partitions(consumer, name)
            ]
            while True:
                try:
                    # The order matters: an outcome may come after a commit was read, never before.
                    committed = await committed_offsets(admin, self._group_id)
                    ends = await consumer.end_offsets(outcomes)
                    self.samples.append(Sample(committed, _plain(ends)))
                except (KafkaError, OSError):
                    # A broker that was killed answers nothing; the next sample may.
                    await asyncio.sleep(SAMPLE_INTERVAL_S)
                await asyncio.sleep(SAMPLE_INTERVAL_S)


async def committed_offsets(admin: AIOKafkaAdminClient, group_id: str) -> dict[Partition, int]:
    """What the group has committed."""
    coordinator = await admin.find_coordinator(group_id)
    answer = await admin._send_request(OffsetFetchRequest(group_id, None), coordinator)
    if answer.error_code:
        # By aiokafka's own method one that cannot tell looks like a group without commits.
        raise for_code(answer.error_code)(group_id)
    return {
        Partition(topic, number): offset
        for topic, partitions in answer.topics
        for number, offset, *_ in partitions
        if offset >= 0
    }


async def committed_of(bootstrap: str, group_id: str) -> dict[Partition, int]:
    """What the group has committed, for who asks once."""
    deadline = time.monotonic() + DONE_DEADLINE_S
    async with administering(bootstrap) as admin:
        while True:
            try:
                return await committed_offsets(admin, group_id)
            except (KafkaError, OSError):
                # A coordinator that cannot tell now is asked again.
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(SAMPLE_INTERVAL_S)


async def _committed_if_known(admin: AIOKafkaAdminClient, group_id: str) -> dict[Partition, int]:
    try:
        return await committed_offsets(admin, group_id)
    except (KafkaError, OSError):
        return {}


async def ends_of(bootstrap: str, topic: str) -> dict[Partition, int]:
    """The next offset of each partition of a topic."""
    async with _reader(bootstrap) as consumer:
        return _plain(await consumer.end_offsets(await _partitions(consumer, topic)))


async def wait_until_committed(bootstrap: str, group_id: str, topic: str) -> None:
    """Returns when the group has committed every record of a topic; fails where it stands still."""
    ends = await ends_of(bootstrap, topic)
    before: dict[Partition, int] = {}
    deadline = time.monotonic() + DONE_DEADLINE_S
    async with administering(bootstrap) as admin:
        while True:
            committed = await _committed_if_known(admin, group_id)
            if all(committed.get(partition, 0) >= end for partition, end in ends.items()):
                return
            if committed and committed != before:
                before, deadline = committed, time.monotonic() + DONE_DEADLINE_S
            if time.monotonic() > deadline:
                raise AssertionError(f"{group_id} stands at {committed}, not at {ends}")
            await asyncio.sleep(0.2)


async def rewind(bootstrap: str, group_id: str, topic: str) -> None:
    """Sets the offsets of a group without members back to 0."""
    async with _reader(bootstrap, group_id) as consumer:
        partitions = await _partitions(consumer, topic)
        consumer.assign(partitions)
        await consumer.commit(dict.fromkeys(partitions, 0))


async def observe(
    bootstrap: str,
    topics: TopicNames,
    group_id: str,
    samples: Sequence[Sample] = (),
    store: Path | None = None,
) -> Run:
    """Reads everything that a run left on the broker and, where one took part, in the store."""
    committed = await committed_of(bootstrap, group_id)
    return Run(
        inputs=[as_input(record) for record in await read_topic(bootstrap, topics.results)],
        scored=[as_scored(record) for record in await read_topic(bootstrap, topics.scores)],
        dead=[as_dead(record) for record in await read_topic(bootstrap, topics.dead_letters)],
        committed={part: at for part, at in committed.items() if part.topic == topics.results},
        ends=await ends_of(bootstrap, topics.results),
        samples=samples,
        rows=None if store is None else visible_rows(store),
        dead_rows=None if store is None else dead_sources(store),
    )


@asynccontextmanager
async def _reader(bootstrap: str, group_id: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group_id,
        enable_auto_commit=False,
        request_timeout_ms=ANSWER_MS,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[KafkaPartition]:
    """A topic has partitions; a broker that has just woken up may not know of them yet."""
    deadline = time.monotonic() + DONE_DEADLINE_S
    while time.monotonic() < deadline:
        await consumer._client.add_topic(topic)
        await consumer._client.force_metadata_update()
        numbers = consumer._client.cluster.partitions_for_topic(topic)
        if numbers:
            return [KafkaPartition(topic, number) for number in sorted(numbers)]
        await asyncio.sleep(SAMPLE_INTERVAL_S)
    raise AssertionError(f"the broker knows no partition of {topic}")


def _place(record: Any) -> Partition:
    return Partition(record.topic, record.partition)


def _plain(ends: Mapping[KafkaPartition, int]) -> dict[Partition, int]:
    return {Partition(part.topic, part.partition): end for part, end in ends.items()}
