"""The broker ends every session after a few seconds, as clusters with short-lived tokens do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from plimsoll.settings.kafka import SaslMechanism, SecurityProtocol
from tests.conftest import settings_for, start
from tests.faults.scene import assert_sound, scene
from tests.support.kafka import UNKILLED_MS, KafkaBroker, Scram
from tests.support.load import produce, stream
from tests.support.services import wait_for_members
from tests.support.topics import all_names, make_topics, unique_names

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4701
RECORDS = 2_500
SESSION_MS = 4_000


@pytest.fixture
def strict_kafka(tmp_path: Path) -> Iterator[KafkaBroker]:
    """A broker with SASL/SCRAM that ends sessions after four seconds."""
    scram = Scram(max_reauth_ms=SESSION_MS)
    broker = KafkaBroker(tmp_path / "strict-kafka", scram, session_ms=UNKILLED_MS)
    start(broker)
    yield broker
    broker.kill()


async def test_sessions_that_the_broker_ends(strict_kafka: KafkaBroker, tmp_path: Path) -> None:
    """Through some five ended sessions of each client I1 to I4 hold, and the drain exits 0."""
    topics, scram = unique_names(), Scram()
    await make_topics(strict_kafka.bootstrap, all_names(topics))
    settings = settings_for(strict_kafka.sasl_bootstrap, topics, tmp_path)
    settings.kafka.security_protocol = SecurityProtocol.SASL_PLAINTEXT
    settings.kafka.sasl_mechanism = SaslMechanism.SCRAM_SHA_512
    settings.kafka.sasl_username = scram.username
    settings.kafka.sasl_password = SecretStr(scram.password)
    async with scene(settings, tmp_path, SEED, strict_kafka.bootstrap) as play:
        for _ in range(2):
            play.fleet.scorer(settings)
        await wait_for_members(play.bootstrap, play.group, 2)
        await produce(play.bootstrap, play.results, stream(play.chance, RECORDS), 120)
        run = await play.settled()
        assert [s.name for s in play.fleet.services if not s.alive] == []
        for service in play.fleet.services:
            service.terminate()
        assert {await service.ended() for service in play.fleet.services} == {0}
    assert_sound(run)
