"""The scorer's ear for what labels have taught: known before the first result, then followed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from plimsoll.adapters.kafka.following import TopicFollower, followed
from plimsoll.pipeline.learned import LearnedTable
from plimsoll.ports.clock import Clock
from plimsoll.settings.model import Settings

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def follow_learned(
    settings: Settings, table: LearnedTable, clock: Clock, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Keeps the table up to date as long as the block runs.

    The block begins when the topic was read to its end, or there is none; or else, with the prior
    and without promises, after `scorer.learned_wait_s`. Or when somebody says stop.
    """
    topic, wait_s = settings.topics.calibrations, settings.scorer.learned_wait_s
    table.lose()
    follower = TopicFollower(settings.kafka, topic, table, clock, "scorer")
    async with followed(follower):
        waits = [asyncio.ensure_future(event.wait()) for event in (follower.known, stop)]
        try:
            await asyncio.wait(waits, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not follower.known.is_set() and not stop.is_set():
            _log.warning("scorer.calibrations.unknown", topic=topic, waited_s=wait_s)
        yield
