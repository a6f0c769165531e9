"""A broker that has no idempotent producers, as the one in memory, and a client that wants one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.adapters.embedded.broker import EmbeddedBroker
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.resilience.patience import keep_trying
from plimsoll.settings.kafka import KafkaSettings
from tests.support.fake_clock import FakeClock


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """The broker in memory."""
    one = EmbeddedBroker(tmp_path / "broker.log")
    one.start()
    yield one
    one.stop()


async def test_the_error_names_the_setting(broker: EmbeddedBroker) -> None:
    """What the broker calls unknown is said with the setting that mends it, and ends one day."""
    producer = KafkaLogProducer(KafkaSettings(bootstrap_servers=broker.bootstrap))
    told: list[RetryableError] = []
    with pytest.raises(FatalError, match=r"kafka\.enable_idempotence: false.* in a row"):
        await keep_trying(producer.start, FakeClock(), told.append)
    assert told


async def test_without_idempotence_it_connects(broker: EmbeddedBroker) -> None:
    """With the setting the same client starts."""
    settings = KafkaSettings(bootstrap_servers=broker.bootstrap, enable_idempotence=False)
    producer = KafkaLogProducer(settings)
    await producer.start()
    await producer.stop()
