"""Grants rights on a broker, over Kafka's own protocol."""

from __future__ import annotations

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from plimsoll.settings.kafka_rights import Pattern, Resource, Right
from tests.support.topics import ANSWER_MS

# https://kafka.apache.org/protocol#The_Messages_CreateAcls
_RESOURCES = {Resource.TOPIC: 2, Resource.GROUP: 3}
_PATTERNS = {Pattern.LITERAL: 3, Pattern.PREFIXED: 4}
_OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
_ALLOW = 3


async def grant(bootstrap: str, principal: str, rights: Iterable[Right]) -> None:
    """Allows a principal these rights, from everywhere."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=ANSWER_MS)
    await admin.start()
    try:
        for right in rights:
            for operation in right.operations:
                request = CreateAclsRequest(
                    _RESOURCES[right.resource],
                    right.name,
                    _PATTERNS[right.pattern],
                    principal,
                    "*",
                    _OPERATIONS[operation],
                    _ALLOW,
                )
                answer = await admin._send_request(request)
                for code, message, *_ in answer.creation_responses:
                    assert code == 0, message
    finally:
        await admin.close()
