"""The broker that tests get is a real one, and so are its faults."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from plimsoll.settings.model import Settings
from tests.conftest import start
from tests.support.environment import environment
from tests.support.kafka import UNKILLED_MS, KafkaBroker, Scram
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
    # A broker that was killed may take minutes to lead again on a busy machine.
    producer = AIOKafkaProducer(
        bootstrap_servers=own_kafka.bootstrap, acks="all", request_timeout_ms=240_000
    )
    await producer.start()
    await producer.send_and_wait("kept", b"one")
    own_kafka.restart()
    await producer.send_and_wait("kept", b"two")
    await producer.stop()
    assert await read_all(own_kafka.bootstrap, "kept", 2) == [b"one", b"two"]


async def test_a_session_of_a_strict_broker_ends(tmp_path: Path) -> None:
    """The SASL listener knows its user, refuses another, and closes sessions past their time."""
    scram = Scram(max_reauth_ms=2_000)
    broker = KafkaBroker(tmp_path / "strict", scram, session_ms=UNKILLED_MS)
    start(broker)
    try:
        await make_topics(broker.bootstrap, ["strict"], partitions=1)
        producer = await admitted(broker)
        for number in range(8):
            await producer.send_and_wait("strict", str(number).encode())
            await asyncio.sleep(0.5)
        await producer.stop()
        assert len(await read_all(broker.bootstrap, "strict", 8)) == 8
        stranger = AIOKafkaProducer(**sasl(broker, "wrong"))
        with pytest.raises(KafkaError):
            await stranger.start()
        await stranger.stop()
    finally:
        broker.kill()


async def admitted(broker: KafkaBroker) -> AIOKafkaProducer:
    """A producer; a session that ends before its first request, in a pause, is begun anew."""
    async with asyncio.timeout(300):
        while True:
            producer = AIOKafkaProducer(**sasl(broker, Scram().password))
            try:
                await producer.start()
            except KafkaError:
                await producer.stop()
            else:
                return producer


def sasl(broker: KafkaBroker, password: str) -> dict[str, Any]:
    """What a client of the SASL listener is built with."""
    return {
        "bootstrap_servers": broker.sasl_bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": Scram().username,
        "sasl_plain_password": password,
    }


def test_settings_travel_by_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service started with this environment has the same settings as the test."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings
