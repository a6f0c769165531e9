"""The query service's ear for what becomes of promises; look-ups never wait for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from plimsoll.adapters.kafka.following import TopicFollower, followed
from plimsoll.pipeline.learned import LearnedTable
from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import Telemetry
from plimsoll.settings.model import Settings


@asynccontextmanager
async def follow_certificates(
    settings: Settings, clock: Clock, telemetry: Telemetry
) -> AsyncIterator[LearnedTable]:
    """What is known of certificates, kept up to date as long as the block runs.

    Where no brokers are named, or until they answer, nothing is known.
    """
    table = LearnedTable(clock, telemetry)
    table.lose()
    if not settings.kafka.bootstrap_servers:
        yield table
        return
    follower = TopicFollower(settings.kafka, settings.topics.calibrations, table, clock, "query")
    async with followed(follower):
        yield table
