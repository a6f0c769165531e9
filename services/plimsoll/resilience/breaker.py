"""A circuit breaker: stops asking who fails, and finds out with single calls when to go on."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from plimsoll.resilience.recent import Recent


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """Opens where at least `share` of at least `min_calls` in `window_s` have failed.

    After much that went well that takes long, so it also opens where `min_calls` have failed among
    the newest `min_calls / share`: a judge that fails altogether is left at the twentieth failure.
    """

    window_s: int = 30
    min_calls: int = 20
    share: float = 0.5
    open_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Passage:
    """One call that the breaker has let through, and in which of its states."""

    era: int
    probe: bool = False


class Breaker:
    """Closed, open, or open with one call under way that tries it out.

    Every passage ends in exactly one of `succeed`, `fail` and `drop`. What began before the state
    last changed says nothing about the one after it.
    """

    def __init__(self, rules: BreakerRules) -> None:
        self._rules = rules
        self._calls = Recent(rules.window_s)
        self._failures = Recent(rules.window_s)
        # When the newest failures were, and how many calls had ended by then.
        self._newest: deque[tuple[float, int]] = deque(maxlen=rules.min_calls)
        self._ended = 0
        self._era = 0
        self._open_until: float | None = None
        self._probing = False
        self._answers = 0
        self._openings = 0

    @property
    def is_closed(self) -> bool:
        """Whether calls pass freely."""
        return self._open_until is None

    @property
    def answers(self) -> int:
        """How many calls have ended well, ever: evidence that the judge is there."""
        return self._answers

    @property
    def openings(self) -> int:
        """How many times it has opened."""
        return self._openings

    def ready(self, now_s: float) -> bool:
        """Whether a call may pass."""
        return self._open_until is None or (now_s >= self._open_until and not self._probing)

    def ready_at(self) -> float | None:
        """When a call may pass; None where it may now, or where that depends on a call."""
        return None if self._probing else self._open_until

    def begin(self) -> Passage:
        """A call passes; to be asked for only where it may."""
        if self._open_until is None:
            return Passage(self._era)
        self._probing = True
        return Passage(self._era, probe=True)

    def succeed(self, passage: Passage, now_s: float) -> None:
        """The judge has answered, whatever it said."""
        self._answers += 1
        if passage.era != self._era:
            return
        if passage.probe:
            self._change(None)
        else:
            self._calls.add(now_s)
            self._ended += 1

    def fail(self, passage: Passage, now_s: float) -> None:
        """The judge has failed, or was silent up to the read time-out."""
        if passage.era != self._era:
            return
        if passage.probe:
            self.open(now_s)
            return
        self._calls.add(now_s)
        self._failures.add(now_s)
        self._ended += 1
        self._newest.append((now_s, self._ended))
        if self._share_has_failed(now_s) or self._newest_have_failed(now_s):
            self.open(now_s)

    def drop(self, passage: Passage) -> None:
        """The call says nothing about the judge."""
        if passage.era == self._era and passage.probe:
            self._probing = False

    def open(self, now_s: float) -> None:
        """Opens at once, or for another time."""
        self._openings += 1
        self._change(now_s + self._rules.open_s)

    def _share_has_failed(self, now_s: float) -> bool:
        calls = self._calls.count(now_s)
        enough = self._failures.count(now_s) >= self._rules.share * calls
        return calls >= self._rules.min_calls and enough

    def _newest_have_failed(self, now_s: float) -> bool:
        rules = self._rules
        if len(self._newest) < rules.min_calls:
            return False
        at, ended = self._newest[0]
        calls = self._ended - ended + 1
        return now_s - at <= rules.window_s and rules.min_calls >= rules.share * calls

    def _change(self, open_until: float | None) -> None:
        self._open_until = open_until
        self._probing = False
        self._era += 1
        self._calls.clear()
        self._failures.clear()
        self._newest.clear()
