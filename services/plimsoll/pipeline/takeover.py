"""Takes partitions over from whoever had them, alive or dead."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from plimsoll.domain.record import TopicPartition
from plimsoll.pipeline.commits import Commits
from plimsoll.pipeline.crash_note import CrashNote, note_at_start, parse_note
from plimsoll.pipeline.limits import Limits
from plimsoll.pipeline.partition import Assignment
from plimsoll.ports.log import LogConsumer
from plimsoll.ports.telemetry import OFFSETS_MISSING, Telemetry

_log = structlog.get_logger(__name__)


class Takeover:
    """Reads what the last owner committed and writes that this worker runs here now."""

    def __init__(
        self, consumer: LogConsumer, commits: Commits, limits: Limits, telemetry: Telemetry
    ) -> None:
        self._consumer = consumer
        self._commits = commits
        self._limits = limits
        self._telemetry = telemetry

    async def begin(self, partitions: Sequence[TopicPartition]) -> Sequence[Assignment]:
        """New assignments; RetryableError where the brokers do not answer."""
        left, missing = await self._left(partitions)
        ends = await self._ends([tp for tp, (_, note) in left.items() if note.running])
        assignments = []
        for partition, (first, before) in left.items():
            end = ends.get(partition, first)
            if end <= first:
                # There is no record that the last owner can have died of.
                before = replace(before, running=False)  # noqa: PLW2901 - corrected, once
            # Only what a dead worker can have begun is suspect: so far, and no further than the
            # records that are there.
            until = min(first + self._limits.max_span, end)
            note = note_at_start(before, until)
            assignments.append(Assignment(partition, first, note))
            if note.starts:
                _log.warning(
                    "partition.taken_from_the_dead",
                    topic=partition.topic,
                    partition=partition.partition,
                    offset=first,
                    starts=note.starts,
                    careful_until=note.until,
                )
        # Written before the first record is begun: a record that kills at once is counted too.
        await self._commits.start(assignments)
        # Last: what does not come so far is begun again, and would tell of them again.
        for partition, count in missing.items():
            self._note_missing(partition, count)
        return assignments

    async def _left(
        self, partitions: Sequence[TopicPartition]
    ) -> tuple[Mapping[TopicPartition, tuple[int, CrashNote]], Mapping[TopicPartition, int]]:
        """Where the last owner of each stood, or the first record after that which is there.

        And how many offsets are missing in between, where any are.
        """
        found = await asyncio.gather(*(self._consumer.committed(tp) for tp in partitions))
        known = {tp: at for tp, at in zip(partitions, found, strict=True) if at is not None}
        begins = await self._consumer.begin_offsets(sorted(known)) if known else {}
        left, missing = {tp: (0, CrashNote()) for tp in partitions}, dict[TopicPartition, int]()
        for tp, (first, note) in known.items():
            left[tp] = first, parse_note(note)
            if (begin := begins.get(tp, 0)) > first:
                missing[tp] = begin - first
                left[tp] = begin, CrashNote()
        return left, missing

    def _note_missing(self, partition: TopicPartition, missing: int) -> None:
        """Nobody can score them any more: the topic keeps its records for too short a time."""
        topic, number = partition
        self._telemetry.count(OFFSETS_MISSING, (topic,), missing)
        _log.error("partition.offsets_missing", topic=topic, partition=number, count=missing)

    async def _ends(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return await self._consumer.end_offsets(partitions) if partitions else {}
