"""What a commit's metadata remembers of workers that died, so that it survives the next crash.

A worker that dies leaves `running` behind; one that lets go of a partition does not. Reasons and
figures: docs/adr/0003-quarantine.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

# A partition whose first unfinished record has seen so many workers die is read with care.
CAREFUL_AFTER_STARTS = 2
# A record that was alone in work when so many workers died is quarantined.
QUARANTINE_AFTER_DEATHS = 2

_FORM = re.compile(r"plimsoll1 (running|idle) starts=(\d+) alone=(\d+) until=(\d+)")


@dataclass(frozen=True, slots=True)
class CrashNote:
    """Belongs to one committed offset.

    `starts` counts workers that began here after another had died here; `alone` counts how often
    the record at this offset was begun with nothing else in work; records below `until` are read
    with care.
    """

    running: bool = False
    starts: int = 0
    alone: int = 0
    until: int = 0

    def encode(self) -> str:
        """The metadata of a commit."""
        state = "running" if self.running else "idle"
        return f"plimsoll1 {state} starts={self.starts} alone={self.alone} until={self.until}"


def parse_note(metadata: str) -> CrashNote:
    """Reads what `encode` wrote; anything else remembers nothing."""
    found = _FORM.fullmatch(metadata)
    if found is None:
        return CrashNote()
    return CrashNote(found[1] == "running", int(found[2]), int(found[3]), int(found[4]))


def note_at_start(before: CrashNote, suspects_until: int) -> CrashNote:
    """The note of a worker that takes the partition over where `before` was left.

    `suspects_until` is the offset after the last record that the dead worker can have begun.
    """
    if not before.running:
        return replace(before, running=True, alone=0)
    starts = before.starts + 1
    until = before.until
    if starts >= CAREFUL_AFTER_STARTS:
        until = max(until, suspects_until)
    return replace(before, starts=starts, until=until)
