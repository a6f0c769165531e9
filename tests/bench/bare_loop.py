"""The least that any worker does: consume, produce half of it, commit once per batch."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from plimsoll.settings.model import Settings

OUT_BYTES = 1_024


async def run(settings: Settings) -> None:
    """Consumes for ever, at least once: commits when the broker has acknowledged."""
    bootstrap = settings.kafka.bootstrap_servers
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5
    )
    consumer = AIOKafkaConsumer(
        settings.topics.results,
        bootstrap_servers=bootstrap,
        group_id=settings.scorer.group_id,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=settings.kafka.session_timeout_ms,
    )
    await producer.start()
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=200)
        sent = [
            await producer.send(settings.topics.scores, record.value[:OUT_BYTES], key=record.key)
            for records in batches.values()
            for record in records
        ]
        if sent:
            # Cheaper than gathering: the first to be awaited is mostly the last to be done.
            for acknowledged in sent:
                await acknowledged
            await consumer.commit(
                {
                    TopicPartition(*partition): records[-1].offset + 1
                    for partition, records in batches.items()
                }
            )


if __name__ == "__main__":
    asyncio.run(run(Settings()))
