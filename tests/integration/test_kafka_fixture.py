"""The broker that tests get is a real one, and so are its faults."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from plimsoll.settings.model import Settings
from tests.support.environment import environment
from tests.support.kafka import KafkaBroker
from tests.support.topics import make_topics

pytestmark = pytest.mark.kafka


async def read_all(bootstrap: str, topic: str, count: int) -> list[bytes]:
    """The first `count` values of a topic."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_what_is_produced_is_consumed(settings: Settings) -> None:
    """The shared broker takes a record for a fresh topic at once and gives it back."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap_servers, enable_idempotence=True
    )
    await producer.start()
    await producer.send_and_wait(settings.topics.results, b"one")
    await producer.stop()
    assert await read_all(settings.kafka.bootstrap_servers, settings.topics.results, 1) == [b"one"]


async def test_a_killed_broker_comes_back_with_its_records(own_kafka: KafkaBroker) -> None:
    """What was acknowledged before a SIGKILL is there after the restart, on the same port."""
    await make_topics(own_kafka.bootstrap, ["kept"], partitions=1)
    producer = AIOKafkaProducer(bootstrap_servers=own_kafka.bootstrap, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", b"one")
    own_kafka.restart()
    await producer.send_and_wait("kept", b"two")
    await producer.stop()
    assert await read_all(own_kafka.bootstrap, "kept", 2) == [b"one", b"two"]


def test_settings_travel_by_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service started with this environment has the same settings as the test."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings
