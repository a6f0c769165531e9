"""Tells a topic that is not there from one that this user may not see."""

from __future__ import annotations

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import TopicAuthorizationFailedError, for_code
from aiokafka.protocol.metadata import MetadataRequest


async def demand_visible(client: AIOKafkaClient, topic: str) -> None:
    """TopicAuthorizationFailedError where this user has no right to a topic, there or not.

    For a topic that no list of all topics shows: brokers leave out of those what a user may not
    see, and refuse it where it is asked for by name.
    https://kafka.apache.org/documentation/#operations_resources_and_protocols
    """
    # Asked for by name alone, a topic might be made.
    asked = MetadataRequest([topic], allow_auto_topic_creation=False)
    answer = await client.send(client.get_random_node(), asked)
    if any(for_code(code) is TopicAuthorizationFailedError for code, *_ in answer.topics):
        raise TopicAuthorizationFailedError(topic)
