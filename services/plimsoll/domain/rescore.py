"""A request to score a result again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position


@dataclass(frozen=True, slots=True)
class RescoreRequest:
    """The record as it was ingested, and why it is to be scored again.

    `source` names the result's place, its index within the record included. `revision` is the
    issuer's time in microseconds since the epoch, and becomes the revision of the score.
    """

    key: ResultKey
    original: bytes
    content_type: str
    ce_type: str
    source: Position
    why: str
    revision: int
    publish_time: datetime
