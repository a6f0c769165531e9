"""A worker that is wrong on purpose: it commits past records that are still in work.

The checker must find it out; a checker that never failed proves nothing. The first record of
each partition takes long, all later ones are published at once and the highest offset is committed.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from plimsoll.settings.model import Settings
from plimsoll.v1 import common_pb2, result_pb2, score_pb2
from tests.support.topics import ANSWER_MS


def scored(record: Any) -> tuple[bytes, bytes]:
    """Key and value of an event such as a scorer would publish."""
    result = result_pb2.LlmResult.FromString(record.value)
    key = f"{result.tenant}/{result.result_id}"
    event = score_pb2.ScoredResult(
        result_id=result.result_id,
        tenant=result.tenant,
        score_id=hashlib.sha256(key.encode()).hexdigest()[:32],
        observation=score_pb2.Observation(
            source=common_pb2.Position(
                topic=record.topic, partition=record.partition, offset=record.offset
            )
        ),
    )
    return key.encode(), event.SerializeToString()


async def score(
    record: Any, producer: AIOKafkaProducer, topic: str, slow_s: float, first: set[int]
) -> None:
    """Publishes the record's score, the first of each partition after a while."""
    if record.partition not in first:
        first.add(record.partition)
        await asyncio.sleep(slow_s)
    key, value = scored(record)
    await producer.send_and_wait(topic, value, key=key)


async def run(settings: Settings, slow_s: float) -> None:
    """Consumes for ever."""
    bootstrap = settings.kafka.bootstrap_servers
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, request_timeout_ms=ANSWER_MS)
    consumer = AIOKafkaConsumer(
        settings.topics.results,
        bootstrap_servers=bootstrap,
        client_id=f"{settings.kafka.client_id}-consumer",
        group_id=settings.scorer.group_id,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=settings.kafka.session_timeout_ms,
        heartbeat_interval_ms=300,
        request_timeout_ms=ANSWER_MS,
    )
    await producer.start()
    await consumer.start()
    tasks: set[asyncio.Task[None]] = set()
    first: set[int] = set()
    while True:
        batches = await consumer.getmany(timeout_ms=200)
        for partition, records in batches.items():
            for record in records:
                work = score(record, producer, settings.topics.scores, slow_s, first)
                tasks.add(asyncio.create_task(work))
            # The mistake: everything that was read counts as done.
            await consumer.commit({TopicPartition(*partition): records[-1].offset + 1})


if __name__ == "__main__":
    asyncio.run(run(Settings(), float(sys.argv[1])))
