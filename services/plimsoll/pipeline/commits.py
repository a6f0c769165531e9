"""Commits finished offsets, one commit at a time, never past what is not done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from plimsoll.domain.errors import RetryableError
from plimsoll.domain.record import TopicPartition
from plimsoll.pipeline.partition import Assignment
from plimsoll.ports.log import LogConsumer
from plimsoll.ports.telemetry import COMMITS, Telemetry

_log = structlog.get_logger(__name__)

# A broker that is away must not hold up a rebalance: what is not committed is done again.
_COMMIT_TIMEOUT_S = 5.0

Entry = tuple[int, str]


class Commits:
    """Writes next offsets with their notes; a failed commit only means work done twice."""

    def __init__(self, consumer: LogConsumer, telemetry: Telemetry) -> None:
        self._consumer = consumer
        self._telemetry = telemetry
        self._one_at_a_time = asyncio.Lock()

    async def progress(self, assignments: Sequence[Assignment]) -> bool:
        """Commits what has changed since the last commit; whether that is written."""
        async with self._one_at_a_time:
            mine = [a for a in assignments if not a.gone]
            changed = {a: entry for a in mine if (entry := a.to_commit()) != a.committed}
            return await self._write(changed)

    async def start(self, assignments: Sequence[Assignment]) -> bool:
        """Says that a worker runs here; whether that is written."""
        async with self._one_at_a_time:
            return await self._write({a: a.to_commit() for a in assignments})

    async def leave(self, assignments: Sequence[Assignment]) -> None:
        """Commits the finished prefix and that this worker let go alive."""
        async with self._one_at_a_time:
            await self._write({a: a.to_commit_at_leave() for a in assignments})
            for assignment in assignments:
                assignment.gone = True

    async def fail(self, assignments: Sequence[Assignment]) -> None:
        """Commits no progress: only that what stops this worker is no record of these."""
        async with self._one_at_a_time:
            await self._write({a: a.to_commit_at_failure() for a in assignments})
            for assignment in assignments:
                assignment.gone = True

    async def _write(self, entries: Mapping[Assignment, Entry]) -> bool:
        if not entries:
            return True
        offsets: dict[TopicPartition, Entry] = {a.partition: e for a, e in entries.items()}
        try:
            async with asyncio.timeout(_COMMIT_TIMEOUT_S):
                await self._consumer.commit(offsets)
        except (RetryableError, TimeoutError) as error:
            self._telemetry.count(COMMITS, ("failed",))
            why = str(error) or f"no answer within {_COMMIT_TIMEOUT_S:g} s"
            _log.info("commit.failed", partitions=len(entries), error=why)
            return False
        for assignment, entry in entries.items():
            assignment.committed = entry
        self._telemetry.count(COMMITS, ("ok",))
        return True
