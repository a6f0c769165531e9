"""What a record's path ends in; one loop carries outcomes out."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import OutRecord


@dataclass(frozen=True, slots=True)
class Publish:
    """Send these records in order, each once the one before it is acknowledged.

    The source offset is done when all are. `index` says which result of the source record they
    are about.
    """

    records: tuple[OutRecord, ...]
    index: int = 0


@dataclass(frozen=True, slots=True)
class Park:
    """One result of the record is poison: its bytes go to the dead-letter topic.

    An index of None parks every result of the record: none of them could be told, or begun. `key`
    names the result where it could be read although it cannot be scored.
    """

    reason: str
    detail: str
    index: int | None = None
    key: ResultKey | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, and why (a constant word)."""

    why: str


Outcome = Publish | Park | Skip
