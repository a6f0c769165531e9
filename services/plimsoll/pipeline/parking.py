"""Makes dead letters: the record's own bytes, or what names them where they are too large."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.domain.outcome import Park
from plimsoll.domain.record import OutRecord, Record
from plimsoll.ports.clock import Clock
from plimsoll.wire.dead_letters import by_reference, encode_dead_letter

# A longer key is no tenant/result_id, and may be what made the record too large.
_MAX_KEY_BYTES = 1_024


class Parking:
    """Parks records on one dead-letter topic."""

    def __init__(self, topic: str, clock: Clock) -> None:
        self._topic = topic
        self._clock = clock

    def whole(self, record: Record, park: Park) -> OutRecord:
        """The record's key, bytes and headers, with the facts beside them."""
        now = self._clock.now()
        return encode_dead_letter(record, park, self._topic, 1, now, now, park.key)

    def by_reference(self, record: Record, park: Park) -> OutRecord:
        """Only the facts: coordinates, size and SHA-256 of what no topic would take."""
        bare, named = by_reference(record)
        if len(record.key or b"") > _MAX_KEY_BYTES:
            bare = bare._replace(key=None)
        return self.whole(bare, replace(park, detail=f"{named}; {park.detail}"))
