"""What every client of the brokers is built with, and how it is let go."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from plimsoll.adapters.kafka.security import security_arguments
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.kafka import KafkaSettings

_log = structlog.get_logger(__name__)


def connection_arguments(settings: KafkaSettings, role: str) -> dict[str, Any]:
    """Keyword arguments that aiokafka's consumer, producer and admin client share."""
    if not settings.bootstrap_servers:
        raise ConfigurationError(
            "kafka.bootstrap_servers is empty: set PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS=host:port; "
            "`plimsoll up` brings a broker in memory and prints the lines that name it"
        )
    return {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": f"{settings.client_id}-{role}",
        "request_timeout_ms": settings.request_timeout_ms,
        **security_arguments(settings),
    }


async def let_go(closing: Coroutine[Any, Any, None], timeout_s: float, what: str) -> None:
    """Closes a client within a time; never raises, since its owner is on the way out.

    aiokafka waits without end for a broker that is away, and may raise CancelledError out of its
    fetcher after a session has expired: neither may stop a drain.
    """
    task = asyncio.ensure_future(closing)
    done, _ = await asyncio.wait({task}, timeout=timeout_s)
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=1.0)
        _log.warning("kafka.close.timed_out", client=what, timeout_s=timeout_s)
    elif not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("kafka.close.failed", client=what, error=type(error).__name__)
