"""What a record's path ends in; one loop carries outcomes out."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.domain.record import OutRecord


@dataclass(frozen=True, slots=True)
class Publish:
    """Send these records; each must be acknowledged before the source offset is done."""

    records: tuple[OutRecord, ...]


@dataclass(frozen=True, slots=True)
class Park:
    """One result of the record is poison: its bytes go to the dead-letter topic."""

    reason: str
    detail: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, and why (a constant word)."""

    why: str


Outcome = Publish | Park | Skip
