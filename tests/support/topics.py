"""Fresh topics on a real broker, ready to be written to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from plimsoll.settings.topics import TopicNames

LEADER_DEADLINE_S = 600.0
# For an answer of a broker on a machine that is short of processor time, or stands still.
ANSWER_MS = 180_000
# Made now, or by an attempt whose answer came too late.
_THERE = (0, TopicAlreadyExistsError.errno)


def unique_names() -> TopicNames:
    """Names that no other test has."""
    suffix = uuid4().hex[:10]
    return TopicNames(
        results=f"results-{suffix}",
        scores=f"scores-{suffix}",
        rescores=f"rescores-{suffix}",
        feedback=f"feedback-{suffix}",
        quality=f"quality-{suffix}",
        erasures=f"erasures-{suffix}",
        calibrations=f"calibrations-{suffix}",
        dead_letters=f"results-{suffix}.dlq",
    )


def all_names(topics: TopicNames) -> list[str]:
    """The eight names."""
    return list(topics.model_dump().values())


@asynccontextmanager
async def administering(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administrator's client that waits for as long as a machine stands still."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=ANSWER_MS)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def make_topics(
    bootstrap: str, names: Sequence[str], partitions: int = 4, max_message_bytes: int = 4_194_304
) -> None:
    """Creates topics and returns when every partition has a leader."""
    async with administering(bootstrap) as admin:
        configs = {"max.message.bytes": str(max_message_bytes)}
        new = [NewTopic(name, partitions, 1, topic_configs=configs) for name in names]
        await _create(admin, new)
        await wait_for_leaders(admin, names, partitions)
    await wait_until_led(bootstrap, names, partitions)


async def _create(admin: AIOKafkaAdminClient, wanted: Sequence[NewTopic]) -> None:
    """A broker that stood still counts as gone for a moment after, and then makes nothing."""
    deadline = time.monotonic() + LEADER_DEADLINE_S
    while True:
        answer = await admin.create_topics(list(wanted))
        refused = {name: code for name, code, *_ in answer.topic_errors if code not in _THERE}
        if not refused:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"topics were not made, by Kafka's error code: {refused}")
        await asyncio.sleep(0.1)


async def wait_for_leaders(
    admin: AIOKafkaAdminClient, names: Sequence[str], partitions: int
) -> None:
    """Returns when every partition of these topics has a leader."""
    deadline = time.monotonic() + LEADER_DEADLINE_S
    while True:
        described = await admin.describe_topics(list(names))
        led = [
            partition
            for topic in described
            for partition in topic["partitions"]
            if partition["error_code"] == 0 and partition["leader"] >= 0
        ]
        if len(led) == partitions * len(names):
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"no leader for every partition of {names}: {described}")
        await asyncio.sleep(0.05)


async def wait_until_led(bootstrap: str, names: Sequence[str], partitions: int) -> None:
    """Returns when each leader knows that it is one; metadata says so a moment earlier."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, request_timeout_ms=ANSWER_MS)
    await consumer.start()
    try:
        await consumer.end_offsets(
            [TopicPartition(name, number) for name in names for number in range(partitions)]
        )
    finally:
        await consumer.stop()


async def delete_topics(bootstrap: str, names: Iterable[str]) -> None:
    """Deletes topics; a broker that is gone has none."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        await admin.delete_topics(list(names))
    except KafkaError:
        return
    finally:
        await admin.close()
