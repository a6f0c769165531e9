"""What a look-up brings: a visible score, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position


class MissingReason(StrEnum):
    """Why a look-up found no score; OTHER is a reason that this client does not know."""

    NOT_SEEN = "not_seen"
    NOT_SCORED_YET = "not_scored_yet"
    DEAD_LETTER = "dead_letter"
    ERASED = "erased"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Missing:
    """No visible score; `detail` is the service's own sentence about where it looked.

    `source` is where a dead letter came from.
    """

    key: ResultKey
    reason: MissingReason
    detail: str = ""
    source: Position | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A score that became visible; a watch with this token goes on after it."""

    record: ConfidenceRecord
    resume_token: str


class LookUp(Protocol):
    """Asks the query service; RetryableError or FatalError where it does not answer."""

    async def look_up(
        self, key: ResultKey, wait: timedelta, view: View
    ) -> ConfidenceRecord | Missing:
        """One result's visible score; waits up to `wait` for it."""
