"""How much of what is asked may be asked again: a share of the calls of the last minute."""

from __future__ import annotations

from plimsoll.resilience.recent import Recent


class RetryShare:
    """One in ten calls of the last minute may be a retry, and ten besides."""

    def __init__(self, share: float = 0.1, reserve: int = 10, window_s: int = 60) -> None:
        self._share = share
        self._reserve = reserve
        self._calls = Recent(window_s)
        self._retries = Recent(window_s)

    def note_call(self, now_s: float) -> None:
        """Something is asked for the first time."""
        self._calls.add(now_s)

    def spend(self, now_s: float) -> bool:
        """Takes leave for one retry; False where there is none."""
        allowed = self._reserve + self._share * self._calls.count(now_s)
        if self._retries.count(now_s) + 1 > allowed:
            return False
        self._retries.add(now_s)
        return True
