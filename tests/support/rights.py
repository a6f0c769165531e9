"""Grants rights on a broker, over Kafka's own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest, DescribeAclsRequest

from plimsoll.settings.kafka_rights import Pattern, Resource, Right
from tests.support.topics import administering

# https://kafka.apache.org/protocol#The_Messages_CreateAcls
_RESOURCES = {Resource.TOPIC: 2, Resource.GROUP: 3}
_PATTERNS = {Pattern.LITERAL: 3, Pattern.PREFIXED: 4}
_OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
_ALLOW = 3
_KNOWN_DEADLINE_S = 600.0
_ACL = tuple[int, str, int, str, str, int, int]


async def grant(bootstrap: str, principal: str, rights: Iterable[Right]) -> None:
    """Allows a principal these rights, from everywhere; back once the broker goes by them."""
    async with administering(bootstrap) as admin:
        for acl in _acls(principal, rights):
            answer = await admin._send_request(CreateAclsRequest(*acl))
            for code, message, *_ in answer.creation_responses:
                assert code == 0, message
            # The controller has taken it; the broker hears of it a moment later.
            async with asyncio.timeout(_KNOWN_DEADLINE_S):
                await _known(admin, acl)


async def _known(admin: AIOKafkaAdminClient, acl: _ACL) -> None:
    while True:
        answer = await admin._send_request(DescribeAclsRequest(*acl))
        if answer.resources:
            return
        await asyncio.sleep(0.05)


def _acls(principal: str, rights: Iterable[Right]) -> list[_ACL]:
    return [
        (
            _RESOURCES[right.resource],
            right.name,
            _PATTERNS[right.pattern],
            principal,
            "*",
            _OPERATIONS[operation],
            _ALLOW,
        )
        for right in rights
        for operation in right.operations
    ]
