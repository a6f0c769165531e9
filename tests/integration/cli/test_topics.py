"""Topics are applied to a real cluster: made once, compared ever after, never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.topic_catalogue import topic_roles
from plimsoll.settings.topics import TopicNames
from tests.integration.cli.program import plimsoll
from tests.support.kafka import GivenBroker, KafkaBroker
from tests.support.topics import all_names, delete_topics, unique_names

pytestmark = pytest.mark.kafka
Broker = KafkaBroker | GivenBroker


@pytest.fixture
async def unmade(kafka: Broker) -> AsyncIterator[Settings]:
    """Settings whose topics are not there yet."""
    names = unique_names()
    yield Settings(kafka=KafkaSettings(bootstrap_servers=kafka.bootstrap), topics=names)
    await delete_topics(kafka.bootstrap, all_names(names))


async def make(bootstrap: str, name: str, partitions: int, configs: dict[str, str]) -> None:
    """A topic that somebody else has made."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
    finally:
        await admin.close()


async def test_apply_makes_what_the_catalogue_says_and_only_once(unmade: Settings) -> None:
    """Six topics with their partitions and settings; a second run changes nothing."""
    first = plimsoll(unmade, "topics", "apply", "--json")
    assert first.code == 0, first.err
    partitions = {role.role: role.partitions for role in topic_roles()}
    assert {t["role"]: t["partitions"] for t in first.json()} == partitions
    assert {t["state"] for t in first.json()} == {"created"}
    second = plimsoll(unmade, "topics", "apply", "--json")
    assert second.code == 0, second.err
    assert {t["state"] for t in second.json()} == {"as it should be"}


async def test_what_differs_is_said_and_left(unmade: Settings, kafka: Broker) -> None:
    """A topic of other size is told and kept; one that would lose records fails the command."""
    names: TopicNames = unmade.topics
    await make(kafka.bootstrap, names.results, 2, {"max.message.bytes": "4194304"})
    await make(kafka.bootstrap, names.scores, 3, {"retention.ms": "60000"})
    applied = plimsoll(unmade, "topics", "apply", "--json")
    assert applied.code == 1
    by_role = {topic["role"]: topic for topic in applied.json()}
    assert by_role["results"]["state"] == "differs"
    assert by_role["results"]["partitions"] == 2
    assert by_role["scores"]["state"] == "must be changed"
    said = " ".join(by_role["scores"]["notes"])
    assert "retention.ms is 60000, not -1" in said
    assert "leave it so: keys would move" in said


async def test_missing_topics_are_listed_as_missing(unmade: Settings) -> None:
    """`topics list` creates nothing, and ends with 1 where a topic is not there."""
    listed = plimsoll(unmade, "topics", "list", "--json")
    assert listed.code == 1
    assert {topic["state"] for topic in listed.json()} == {"missing"}
