"""What the loop knows of one assignment of one partition."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

from plimsoll.domain.record import Record, TopicPartition
from plimsoll.pipeline.crash_note import QUARANTINE_AFTER_DEATHS, CrashNote
from plimsoll.pipeline.offsets import OffsetTracker

_QUIET_POLLS = 20


class Assignment:
    """One partition from its assignment to its revocation.

    Work that completes late holds on to its own assignment and cannot touch a later one of the
    same partition. `leaving`: nothing new is begun. `gone`: nothing is committed any more.
    """

    __slots__ = (
        "alone",
        "begun",
        "begun_bytes",
        "committed",
        "first",
        "gone",
        "leaving",
        "note",
        "partition",
        "paused_until",
        "poison_run",
        "quiet_polls",
        "stamps",
        "tasks",
        "tracker",
    )

    def __init__(self, partition: TopicPartition, first: int, note: CrashNote) -> None:
        self.partition = partition
        self.first = first
        self.note = note
        self.tracker = OffsetTracker(first)
        self.committed = (first, note.encode())
        self.alone = (-1, 0)
        self.begun = 0
        self.begun_bytes = 0
        self.leaving = False
        self.gone = False
        self.poison_run = 0
        self.paused_until = 0.0
        self.quiet_polls = 0
        # Offset and timestamp of what was taken, from the watermark on.
        self.stamps: deque[tuple[int, int]] = deque()
        self.tasks: set[asyncio.Task[None]] = set()

    def take(self, record: Record) -> None:
        """Takes a record in work."""
        self.tracker.add(record.offset)
        self.quiet_polls = 0
        self._drop_stamps()
        self.stamps.append((record.offset, record.timestamp_ms))

    @property
    def oldest_ms(self) -> int | None:
        """The timestamp of the first record that is not done; None where all that came are."""
        self._drop_stamps()
        return self.stamps[0][1] if self.stamps else None

    def _drop_stamps(self) -> None:
        watermark = self.tracker.watermark
        while self.stamps and self.stamps[0][0] < watermark:
            self.stamps.popleft()

    @property
    def careful(self) -> bool:
        """Whether the first unfinished record may be one that kills."""
        return self.tracker.watermark < self.note.until

    def gave_nothing(self) -> None:
        """Told after a poll that asked this partition and got no record of any.

        One that stays silent has no suspect left: its last offsets may be markers of
        transactions, which are never handed over.
        """
        self.quiet_polls += 1
        if self.quiet_polls >= _QUIET_POLLS and not self.tracker.in_flight:
            self.note = replace(self.note, until=0)

    def is_suspect(self, record: Record) -> bool:
        """Whether a record is to be noted before it is begun."""
        return record.offset < self.note.until

    def is_quarantined(self, record: Record) -> bool:
        """Whether too many workers died while this record was alone in work."""
        return record.offset == self.first and self.note.alone >= QUARANTINE_AFTER_DEATHS

    def begin_alone(self, record: Record) -> None:
        """From now on the note says that this suspect, at the watermark, is alone in work."""
        earlier = self.note.alone if record.offset == self.first else 0
        self.alone = (record.offset, earlier + 1)

    def to_commit(self) -> tuple[int, str]:
        """The next offset with its note, as of now."""
        watermark = self.tracker.watermark
        at_first = watermark == self.first
        alone = self.note.alone if at_first else 0
        if watermark == self.alone[0]:
            alone = self.alone[1]
        note = CrashNote(
            running=True,
            starts=self.note.starts if at_first else 0,
            alone=alone,
            until=self._until(watermark),
        )
        return watermark, note.encode()

    def to_commit_at_leave(self) -> tuple[int, str]:
        """The same for a worker that lets go alive."""
        watermark = self.tracker.watermark
        return watermark, CrashNote(until=self._until(watermark)).encode()

    def to_commit_at_failure(self) -> tuple[int, str]:
        """No progress, but no crash either: what stops the worker is not this partition's."""
        offset = self.committed[0]
        return offset, CrashNote(until=self._until(offset)).encode()

    def _until(self, watermark: int) -> int:
        return self.note.until if watermark < self.note.until else 0
