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
    issuer's time in microseconds since the epoch, and becomes the revision of the score. The W3C
    trace context is that of the first scoring; '' where there is none.
    """

    key: ResultKey
    original: bytes
    content_type: str
    ce_type: str
    source: Position
    why: str
    revision: int
    publish_time: datetime
    traceparent: str = ""
    tracestate: str = ""
