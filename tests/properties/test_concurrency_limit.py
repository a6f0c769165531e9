"""The concurrency limit against a naive model of round trips, in whatever order calls end."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from plimsoll.resilience.concurrency import ConcurrencyLimit, Slot

MOST = 12


@dataclass
class Call:
    """A call under way, when it began, and its slot."""

    began: int
    slot: Slot


class LimitMachine(RuleBasedStateMachine):
    """The model counts moments: a change counts calls only that began after the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.limit = ConcurrencyLimit(most=MOST, start=4, least=1, decrease=0.7)
        self.calls: list[Call] = []
        self.moment = 0
        self.changed = -1
        self.reached = False
        self.expected = 4.0

    def tick(self) -> int:
        """The next moment."""
        self.moment += 1
        return self.moment

    @precondition(lambda self: self.limit.has_room)
    @rule()
    def begin(self) -> None:
        """A call begins."""
        self.calls.append(Call(self.tick(), self.limit.begin()))
        self.reached = self.reached or len(self.calls) >= int(self.expected)

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), how=st.sampled_from(["succeed", "throttle", "end"]))
    def end(self, data: st.DataObject, how: str) -> None:
        """Any call ends."""
        call = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        fresh = call.began > self.changed
        if how == "end":
            self.limit.end()
        elif how == "succeed":
            self.limit.succeed(call.slot)
            self.expected += 1 if fresh and self.reached and self.expected < MOST else 0
            self.expected = min(self.expected, MOST)
        else:
            self.limit.throttle(call.slot)
            self.expected = max(1.0, self.expected * 0.7) if fresh else self.expected
        if fresh and how != "end":
            self.changed = self.tick()
            self.reached = False

    @rule()
    def restart(self) -> None:
        """An outage is over."""
        self.limit.restart()
        self.expected = min(self.expected, 4.0)
        self.changed = self.tick()
        self.reached = False

    @invariant()
    def agree(self) -> None:
        """Limit and calls under way are the model's, and the limit keeps its bounds."""
        assert self.limit.limit == int(self.expected)
        assert 1 <= self.limit.limit <= MOST
        assert self.limit.running == len(self.calls)
        assert self.limit.has_room == (len(self.calls) < int(self.expected))


TestConcurrencyLimit = LimitMachine.TestCase
TestConcurrencyLimit.settings = settings(max_examples=40, stateful_step_count=40)
