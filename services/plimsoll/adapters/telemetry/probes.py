"""What probes are answered over HTTP: whether a service lives, and whether it is ready."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from plimsoll.ports.telemetry import LOOP_TURNS, PARTITIONS, READY, Instrument

_WITHIN_S = 90.0


class Probes:
    """Answers from what telemetry knows; asks nobody else, so nothing outside can kill a service.

    A service is dead when it holds partitions and its loop has not turned for so long. One that
    waits for its group holds none, and one whose broker or store is away goes on turning.
    """

    def __init__(
        self, value: Callable[[Instrument], float], monotonic: Callable[[], float]
    ) -> None:
        self._value = value
        self._monotonic = monotonic
        self._turns = 0.0
        self._since = monotonic()

    def answer(self, path: str, query: str) -> tuple[int, str] | None:
        """Status and text of a probe; None where the path is no probe's.

        /livez?within_s=90 says how many seconds the loop may stand still; /readyz takes nothing.
        """
        if path == "/readyz":
            return (200, "ready\n") if self._value(READY) else (503, "not ready\n")
        if path != "/livez":
            return None
        try:
            within_s = float(parse_qs(query).get("within_s", [str(_WITHIN_S)])[-1])
        except ValueError:
            return 400, "within_s is a number of seconds\n"
        still_s = self._still_s()
        if still_s > within_s:
            return 503, f"the loop has not turned for {still_s:.0f} s\n"
        return 200, "alive\n"

    def _still_s(self) -> float:
        """For how long, as far as probes have seen, the loop of a member has stood still."""
        turns, now = self._value(LOOP_TURNS), self._monotonic()
        if turns != self._turns or not self._value(PARTITIONS):
            self._turns, self._since = turns, now
        return now - self._since
