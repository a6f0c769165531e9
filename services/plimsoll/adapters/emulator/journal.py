"""What an emulator has seen: every call, for tests that count them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

_MOST_ENTRIES = 100_000
_MINUTE_S = 60.0


@dataclass(slots=True)
class Entry:
    """One call; times are seconds since the journal began. `verdict` is what left in whole."""

    number: int
    operation: str
    model: str
    began_s: float
    ended_s: float | None = None
    status: int = 0
    outcome: str = ""
    reserved_tokens: int = 0
    settled_tokens: float = 0.0
    verdict: dict[str, Any] | None = None
    parameters: list[str] = field(default_factory=list)


class Journal:
    """The last hundred thousand calls, and counts of all."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._began = now()
        self._entries: deque[Entry] = deque(maxlen=_MOST_ENTRIES)
        self._calls = 0
        self._in_flight = 0
        self._most_in_flight = 0

    def open(self, operation: str, model: str) -> Entry:
        """A call has arrived."""
        self._calls += 1
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        entry = Entry(self._calls, operation, model, self._now() - self._began)
        self._entries.append(entry)
        return entry

    def close(self, entry: Entry) -> None:
        """It has ended, one way or another."""
        self._in_flight -= 1
        entry.ended_s = self._now() - self._began

    def clear(self) -> None:
        """Forgets what is over."""
        self._entries.clear()
        self._calls = 0
        self._most_in_flight = self._in_flight

    def document(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        return {
            "calls": self._calls,
            "in_flight": self._in_flight,
            "most_in_flight": self._most_in_flight,
            "most_reserved_tokens_in_a_minute": max(self._minutes(), default=0),
            "entries": [asdict(entry) for entry in self._entries],
        }

    def _minutes(self) -> Iterator[int]:
        """Tokens reserved in the minute up to each call that was admitted."""
        window: deque[Entry] = deque()
        total = 0
        for entry in self._entries:
            if not entry.reserved_tokens:
                continue
            window.append(entry)
            total += entry.reserved_tokens
            while entry.began_s - window[0].began_s > _MINUTE_S:
                total -= window.popleft().reserved_tokens
            yield total
