"""The client of boto3 that a judge calls: one attempt, bounded waits, no word of its secrets."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.loaders import Loader, create_loader
from botocore.session import Session as BotocoreSession
from botocore.utils import get_environ_proxies

from plimsoll.adapters.bedrock.transport import BoundedTransport
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.judges import BedrockSettings

SERVICE = "bedrock-runtime"
_KEEPALIVE = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
]


class Runtime(Protocol):
    """What is used of boto3's client."""

    def converse(self, **arguments: object) -> dict[str, Any]:
        """The Converse operation."""

    def apply_guardrail(self, **arguments: object) -> dict[str, Any]:
        """The ApplyGuardrail operation."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A client, and the transport below it."""

    runtime: Runtime
    transport: BoundedTransport


@cache
def _loader() -> Loader:
    """What botocore knows of services, read once for all clients."""
    return create_loader()


def connect(settings: BedrockSettings) -> Connection:
    """A client with connections for `permits` calls; nothing is sent before the first of them."""
    # At DEBUG botocore writes requests with their signature and all that they ask.
    level = max(logging.INFO, logging.getLogger().level)
    logging.getLogger("botocore").setLevel(level)
    logging.getLogger("urllib3").setLevel(level)
    timeout = (settings.connect_timeout_s, settings.read_timeout_s)
    config = Config(
        region_name=settings.region or None,
        connect_timeout=timeout[0],
        read_timeout=timeout[1],
        max_pool_connections=settings.permits,
        # One layer retries, and it is above. Unset, the default changes with botocore's version.
        retries={"mode": "standard", "total_max_attempts": 1},
        tcp_keepalive=True,
        user_agent_extra="plimsoll",
    )
    try:
        core = BotocoreSession()
        core.register_component("data_loader", _loader())
        session = boto3.session.Session(botocore_session=core)
        client = session.client(SERVICE, endpoint_url=settings.endpoint_url or None, config=config)
        bundle = core.get_config_variable("ca_bundle")
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(
            f"bedrock: {type(error).__name__}: check bedrock.region, bedrock.endpoint_url and the "
            "AWS configuration"
        ) from error
    transport = BoundedTransport(
        URLLib3Session(
            verify=bundle or True,
            proxies=get_environ_proxies(client.meta.endpoint_url),
            timeout=timeout,
            max_pool_connections=settings.permits,
            socket_options=_KEEPALIVE,
        ),
        settings.read_timeout_s,
    )
    client.meta.events.register(f"before-send.{SERVICE}", transport.send)
    return Connection(client, transport)
