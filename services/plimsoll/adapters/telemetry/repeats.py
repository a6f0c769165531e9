"""Keeps what a library says again and again from filling the log."""

from __future__ import annotations

import logging
from collections.abc import Collection
from threading import Lock

_EVERY_S = 60.0
# Further lines are let through as they come: forgetting one that repeats costs a line, no memory.
_REMEMBERED = 256


class Repeats(logging.Filter):
    """Lets a line of these libraries through once a minute; then it says how often it came.

    A client says for each attempt that a broker is away, which are some hundred lines a second and
    one piece of news. Our own events are not touched.
    """

    def __init__(self, libraries: Collection[str]) -> None:
        super().__init__()
        self._libraries = frozenset(libraries)
        # Each line with when it was last let through, and how often it has come since.
        self._said: dict[tuple[str, str], tuple[float, int]] = {}
        # Handlers filter before they lock, and clients have threads.
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if record.name.partition(".")[0] not in self._libraries or record.exc_info:
            return True
        try:
            line = record.name, record.getMessage()
        except (KeyError, TypeError, ValueError):
            # Its arguments do not fit its text: whoever writes it says so, and the client goes on.
            return True
        with self._lock:
            times = self._since(line, record.created)
        if times:
            record.msg, record.args = f"{line[1]} ({times} more of these)", None
        return times is not None

    def _since(self, line: tuple[str, str], now: float) -> int | None:
        """How often it came since it was last let through; None where that is too short ago."""
        since, times = self._said.get(line, (float("-inf"), 0))
        # A clock that is set back does not silence anything for longer.
        if abs(now - since) < _EVERY_S:
            self._said[line] = since, times + 1
            return None
        self._said.pop(line, None)
        if len(self._said) >= _REMEMBERED:
            self._said.pop(next(iter(self._said)))
        self._said[line] = now, 0
        return times
