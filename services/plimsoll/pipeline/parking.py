"""Makes dead letters: the record's own bytes, or what names them where they are too large."""

from __future__ import annotations

import hashlib

from plimsoll.domain.outcome import Park
from plimsoll.domain.record import OutRecord, Record
from plimsoll.ports.clock import Clock
from plimsoll.wire.dead_letters import encode_dead_letter


class Parking:
    """Parks records on one dead-letter topic."""

    def __init__(self, topic: str, clock: Clock) -> None:
        self._topic = topic
        self._clock = clock

    def whole(self, record: Record, park: Park) -> OutRecord:
        """The record's key, bytes and headers, with the facts beside them."""
        now = self._clock.now()
        return encode_dead_letter(record, park, self._topic, 1, now, now)

    def by_reference(self, record: Record, park: Park) -> OutRecord:
        """Only the facts: coordinates, size and SHA-256 of what no topic would take."""
        value = record.value or b""
        digest = hashlib.sha256(value).hexdigest()
        bare = record._replace(key=None, value=b"", headers=())
        detail = f"{park.detail}; {len(value)} bytes, sha256 {digest}, left where they are"
        return self.whole(bare, Park(park.reason, detail, park.index))
