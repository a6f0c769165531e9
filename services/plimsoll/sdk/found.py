"""What a look-up brings: a visible score, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position
from plimsoll.domain.scored import ScoredResult


class View(StrEnum):
    """How much of a score a look-up carries: no scores, scores, or those with their evidence."""

    SUMMARY = "summary"
    SCORES = "scores"
    FULL = "full"


class MissingReason(StrEnum):
    """Why a look-up found no score; OTHER is a reason that this client does not know."""

    NOT_SEEN = "not_seen"
    NOT_SCORED_YET = "not_scored_yet"
    DEAD_LETTER = "dead_letter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Found:
    """A visible score, where it stands on the scores topic, and how many inputs differed from it.

    `input_conflicts` counts later results under the same ID with another content.
    """

    key: ResultKey
    scored: ScoredResult
    position: Position
    input_conflicts: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """No visible score; `detail` is the service's own sentence about where it looked.

    `source` is where a dead letter came from.
    """

    key: ResultKey
    reason: MissingReason
    detail: str = ""
    source: Position | None = None


class LookUp(Protocol):
    """Asks the query service; RetryableError or FatalError where it does not answer."""

    async def get(self, key: ResultKey, wait: timedelta, view: View) -> Found | Missing:
        """One result's visible score; waits up to `wait` for it."""

    async def batch_get(
        self, tenant: str, result_ids: Sequence[str], view: View
    ) -> tuple[Found | Missing, ...]:
        """Up to 100 look-ups of one tenant, answered in the order asked."""
