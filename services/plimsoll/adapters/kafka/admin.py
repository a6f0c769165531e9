"""Topics, offsets and lag, as operators ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    NoError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from plimsoll.adapters.kafka.connection import connection_arguments, let_go
from plimsoll.adapters.kafka.errors import KAFKA_ERRORS, translate
from plimsoll.adapters.kafka.refusals import starting_error
from plimsoll.adapters.kafka.visibility import demand_visible
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.record import TopicPartition
from plimsoll.settings.kafka import KafkaSettings

_CLOSE_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic to create; `configs` are the broker's own names and values."""

    name: str
    partitions: int
    replication: int = 1
    configs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic as the brokers have it; `leaderless` counts partitions that cannot be used now."""

    name: str
    partitions: int
    replication: int
    leaderless: int


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """How far a group is with a partition; `committed` is None where it never committed."""

    partition: TopicPartition
    begin: int
    end: int
    committed: int | None
    metadata: str = ""

    @property
    def lag(self) -> int:
        """Records between the committed offset (or the earliest record) and the end."""
        return max(0, self.end - max(self.begin, self.committed or 0))


class KafkaAdmin:
    """An open connection for administration; `async with KafkaAdmin(settings) as admin`.

    Every method raises RetryableError, FatalError or ConfigurationError.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._client: Any = None
        self._reader: Any = None

    async def __aenter__(self) -> Self:
        arguments = connection_arguments(self._settings, "admin")
        self._client = AIOKafkaAdminClient(**arguments)
        self._reader = AIOKafkaConsumer(**arguments)
        try:
            await self._client.start()
            await self._reader.start()
        except KAFKA_ERRORS as error:
            await self.close()
            doing = f"connecting to {self._settings.bootstrap_servers}"
            raise await starting_error(error, doing, self._settings, "admin") from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Disconnects; never raises."""
        await let_go(self._reader.stop(), _CLOSE_TIMEOUT_S, "admin reader")
        await let_go(self._client.close(), _CLOSE_TIMEOUT_S, "admin")

    async def create(self, specs: Sequence[TopicSpec]) -> Sequence[str]:
        """Creates the topics that are missing, and names them; the others stay as they are."""
        new = [
            NewTopic(s.name, s.partitions, s.replication, topic_configs=dict(s.configs))
            for s in specs
        ]
        try:
            response = await self._client.create_topics(new)
        except KAFKA_ERRORS as error:
            raise translate(error, "creating topics") from error
        created = []
        for name, code, *message in response.topic_errors:
            kind = for_code(code)
            if kind is NoError:
                created.append(name)
            elif kind is not TopicAlreadyExistsError:
                said = message[0] if message and message[0] else ""
                raise translate(kind(said), f"creating topic {name}")
        return created

    async def describe(self) -> Sequence[TopicFacts]:
        """Every topic that is not the brokers' own, by name."""
        try:
            topics = await self._client.describe_topics()
        except KAFKA_ERRORS as error:
            raise translate(error, "describing topics") from error
        found = [
            TopicFacts(
                topic["topic"],
                len(topic["partitions"]),
                min((len(p["replicas"]) for p in topic["partitions"]), default=0),
                sum(p["leader"] < 0 for p in topic["partitions"]),
            )
            for topic in topics
            if not topic.get("is_internal")
        ]
        return sorted(found, key=lambda facts: facts.name)

    async def demand_visible(self, topic: str) -> None:
        """FatalError where this user has no right to a topic that `describe` does not show."""
        try:
            await demand_visible(self._client._client, topic)  # noqa: SLF001 - it has no public call
        except KAFKA_ERRORS as error:
            raise translate(error, f"looking for topic {topic}") from error

    async def hides(self, topic: str) -> bool:
        """Whether this user may not see a topic that `describe` does not show, there or not."""
        try:
            await demand_visible(self._client._client, topic)  # noqa: SLF001 - it has no public call
        except TopicAuthorizationFailedError:
            return True
        except KAFKA_ERRORS as error:
            raise translate(error, f"looking for topic {topic}") from error
        return False

    async def configs(self, topic: str) -> Mapping[str, str]:
        """A topic's effective settings; empty where the broker does not tell them."""
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        try:
            responses = await self._client.describe_configs([resource])
        except KAFKA_ERRORS as error:
            raise translate(error, f"reading settings of topic {topic}") from error
        return {
            entry[0]: entry[1] or ""
            for response in responses
            for resource_facts in response.resources
            for entry in resource_facts[4]
        }

    async def progress(self, topic: str, group_id: str) -> Sequence[PartitionProgress]:
        """Begin, end and committed offset of each partition; empty where there is no topic."""
        facts = {f.name: f for f in await self.describe()}.get(topic)
        if facts is None:
            return []
        partitions = [KafkaPartition(topic, n) for n in range(facts.partitions)]
        try:
            begins = await self._reader.beginning_offsets(partitions)
            ends = await self._reader.end_offsets(partitions)
            committed = await self._client.list_consumer_group_offsets(
                group_id, partitions=partitions
            )
        except KAFKA_ERRORS as error:
            raise translate(error, f"reading offsets of {topic} and group {group_id}") from error
        if not committed.keys() >= set(partitions):
            # A partition without a commit is told of too. A coordinator that fails tells of none,
            # and the client does not look at its error: it says the same of the group's members.
            await self.members(group_id)
            raise RetryableError(f"the coordinator of group {group_id} tells no offsets now")
        return [
            PartitionProgress(
                TopicPartition(tp.topic, tp.partition),
                begins[tp],
                ends[tp],
                committed[tp].offset if committed[tp].offset >= 0 else None,
                committed[tp].metadata,
            )
            for tp in partitions
        ]

    async def brokers(self) -> int:
        """How many brokers the cluster has."""
        try:
            cluster = await self._client.describe_cluster()
        except KAFKA_ERRORS as error:
            raise translate(error, "describing the cluster") from error
        return len(cluster["brokers"])

    async def members(self, group_id: str) -> int:
        """How many members a group has now."""
        try:
            responses = await self._client.describe_consumer_groups([group_id])
        except KAFKA_ERRORS as error:
            raise translate(error, f"describing group {group_id}") from error
        groups = [group for response in responses for group in response.groups]
        for code, *_ in groups:
            if (kind := for_code(code)) is not NoError:
                raise translate(kind(), f"describing group {group_id}")
        return sum(len(group[5]) for group in groups)
