"""A password that is changed on the broker and in its file takes effect without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.kafka.consumer import KafkaLogConsumer
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.record import OutRecord, TopicPartition
from plimsoll.resilience.patience import keep_trying
from plimsoll.settings.kafka import KafkaSettings
from tests.conftest import start
from tests.support.kafka import UNKILLED_MS, KafkaBroker, Scram
from tests.support.topics import make_topics

pytestmark = pytest.mark.kafka

TOPIC = "rotation"
NEW = "painted-anew"


class Nobody:
    """A listener that is never told anything: its consumer joins no group."""

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """Not in this file."""
        raise AssertionError(f"{partitions} are given to who was refused")

    on_revoked = on_assigned


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[KafkaBroker]:
    """A broker with SASL/SCRAM that ends sessions after two seconds."""
    scram = Scram(max_reauth_ms=2_000)
    broker = KafkaBroker(tmp_path / "kafka", scram, session_ms=UNKILLED_MS)
    start(broker)
    yield broker
    broker.kill()


async def test_a_rotated_password(strict: KafkaBroker, tmp_path: Path) -> None:
    """A producer goes on through its session's end; who starts with the old one is refused."""
    await make_topics(strict.bootstrap, [TOPIC])
    file = tmp_path / "password"
    file.write_text(f"{Scram().password}\n", encoding="utf-8")
    settings = KafkaSettings.model_validate(
        {
            "bootstrap_servers": strict.sasl_bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_username": Scram().username,
            "sasl_password_file": file,
        }
    )
    producer = KafkaLogProducer(settings)
    # A session may be over before its first request, where a machine stands still.
    await keep_trying(producer.start, SystemClock(), lambda _: None)
    try:
        await _send(producer)
        await asyncio.to_thread(strict.change_password, NEW)
        old = settings.model_copy(update={"sasl_password_file": _copy(file)})
        file.write_text(NEW, encoding="utf-8")
        await _admitted(settings)
        await _refused(old)
        connections = _connections(producer)
        while any(one.connected() for one in connections):
            await _send(producer)
            await asyncio.sleep(0.1)
        assert await _send(producer) > 0
    finally:
        await producer.stop()


async def _admitted(settings: KafkaSettings) -> None:
    """Returns when the broker takes the password: it answers the change before it has made it."""
    async with asyncio.timeout(300):
        while True:
            try:
                async with KafkaReader(settings):
                    return
            except (FatalError, RetryableError):
                await asyncio.sleep(0.1)


async def _refused(settings: KafkaSettings) -> None:
    """No client waits for a password to become right: each says whom the broker refuses."""
    consumer = KafkaLogConsumer(settings, [TOPIC], "refused")
    starts: list[Callable[[], Awaitable[object]]] = [
        KafkaLogProducer(settings).start,
        lambda: consumer.start(Nobody()),
        KafkaReader(settings).__aenter__,
        KafkaAdmin(settings).__aenter__,
    ]
    for begin in starts:
        with pytest.raises(FatalError, match="refuses user 'plimsoll'") as caught:
            await begin()
        assert f"kafka.sasl_password_file {settings.sasl_password_file}" in str(caught.value)


def _copy(file: Path) -> Path:
    copy = file.with_suffix(".old")
    copy.write_bytes(file.read_bytes())
    return copy


def _connections(producer: KafkaLogProducer) -> list[Any]:
    client = producer._producer.client
    return list(client._conns.values())


async def _send(producer: KafkaLogProducer) -> int:
    at = await (await producer.send(OutRecord(TOPIC, b"key", b"value")))
    return at.offset
