"""Fields of JSON results that nobody knows: counted always, named once."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from plimsoll.ports.telemetry import UNKNOWN_FIELDS, Telemetry

_log = structlog.get_logger(__name__)

# Producers that make up a name for each record must not fill memory or the log.
_MAX_NAMES = 100


class UnknownFields:
    """Remembers which names it has told of."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._told: set[str] = set()

    def note(self, topic: str, names: Sequence[str]) -> None:
        """Counts the names; the first time it meets one it is logged."""
        self._telemetry.count(UNKNOWN_FIELDS, (topic,), len(names))
        new = [name for name in names if name not in self._told]
        if new and len(self._told) < _MAX_NAMES:
            self._told.update(new)
            _log.warning("result.unknown_fields", topic=topic, fields=new)
