"""What a coordinator that cannot answer just now is taken for, which the client does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, GroupLoadInProgressError
from aiokafka.structs import OffsetAndMetadata

from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.settings.kafka import KafkaSettings

TOPIC = "results"
PARTITIONS = [TopicPartition(TOPIC, number) for number in range(2)]


class Client:
    """A cluster with one topic, and a group's coordinator that answers as it is told."""

    def __init__(
        self, committed: Mapping[TopicPartition, OffsetAndMetadata] | None = None, code: int = 0
    ) -> None:
        self._committed = committed or {}
        self._code = code

    async def describe_topics(self) -> list[dict[str, Any]]:
        """One topic."""
        partitions = [{"replicas": [1], "leader": 1} for _ in PARTITIONS]
        return [{"topic": TOPIC, "partitions": partitions, "is_internal": False}]

    async def list_consumer_group_offsets(
        self, group_id: str, partitions: object
    ) -> Mapping[TopicPartition, OffsetAndMetadata]:
        """What the coordinator has said."""
        return self._committed

    async def describe_consumer_groups(self, group_ids: list[str]) -> list[Any]:
        """One group with one member, as the protocol has it."""
        members = [] if self._code else ["one"]
        groups = [(self._code, group_id, "Stable", "", "", members) for group_id in group_ids]
        return [SimpleNamespace(groups=groups)]


class Reader:
    """A consumer that knows how long the topic is."""

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[Any, int]:
        """From 0 on."""
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[Any, int]:
        """Five in each."""
        return dict.fromkeys(partitions, 5)


def admin(client: Client) -> KafkaAdmin:
    """Connected to these."""
    made = KafkaAdmin(KafkaSettings(bootstrap_servers="nowhere:1"))
    made._client, made._reader = client, Reader()
    return made


async def test_a_partition_without_a_commit_is_told_apart_from_one_with() -> None:
    """The brokers say -1 of what was never committed: all of it waits."""
    said = dict(
        zip(PARTITIONS, (OffsetAndMetadata(3, "note"), OffsetAndMetadata(-1, "")), strict=True)
    )
    found = await admin(Client(said)).progress(TOPIC, "g")
    assert [(one.committed, one.lag, one.metadata) for one in found] == [
        (3, 2, "note"),
        (None, 5, ""),
    ]


async def test_a_coordinator_that_tells_nothing_is_asked_again() -> None:
    """No answer about any partition is no lag: it is an error, and passes unless rights lack."""
    with pytest.raises(RetryableError, match="coordinator of group g"):
        await admin(Client()).progress(TOPIC, "g")
    with pytest.raises(FatalError, match="describing group g"):
        await admin(Client(code=GroupAuthorizationFailedError.errno)).progress(TOPIC, "g")


async def test_a_group_that_cannot_be_described_has_no_members_to_count() -> None:
    """While a coordinator loads nobody knows how many there are; who may not ask is told."""
    assert await admin(Client()).members("g") == 1
    with pytest.raises(RetryableError, match="describing group g"):
        await admin(Client(code=GroupLoadInProgressError.errno)).members("g")
    with pytest.raises(FatalError, match="describing group g"):
        await admin(Client(code=GroupAuthorizationFailedError.errno)).members("g")
