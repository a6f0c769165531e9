"""A password that is changed on the broker and in its file takes effect without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.record import OutRecord
from plimsoll.settings.kafka import KafkaSettings
from tests.conftest import start
from tests.support.kafka import UNKILLED_MS, KafkaBroker, Scram
from tests.support.topics import make_topics

pytestmark = pytest.mark.kafka

TOPIC = "rotation"
NEW = "painted-anew"


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[KafkaBroker]:
    """A broker with SASL/SCRAM that ends sessions after two seconds."""
    scram = Scram(max_reauth_ms=2_000)
    broker = KafkaBroker(tmp_path / "kafka", scram, session_ms=UNKILLED_MS)
    start(broker)
    yield broker
    broker.kill()


async def test_a_rotated_password(strict: KafkaBroker, tmp_path: Path) -> None:
    """A producer goes on through its session's end; one with the old password is refused."""
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
    await producer.start()
    try:
        await _send(producer)
        await asyncio.to_thread(strict.change_password, NEW)
        old = settings.model_copy(update={"sasl_password_file": _copy(file)})
        file.write_text(NEW, encoding="utf-8")
        refused = KafkaLogProducer(old)
        with pytest.raises(PlimsollError, match="connecting a producer"):
            await refused.start()
        connections = _connections(producer)
        while any(one.connected() for one in connections):
            await _send(producer)
            await asyncio.sleep(0.1)
        assert await _send(producer) > 0
    finally:
        await producer.stop()


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
