"""The breaker against a naive model that keeps every call, in whatever order calls end."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from plimsoll.resilience.breaker import Breaker, BreakerRules, Passage

RULES = BreakerRules(window_s=30, min_calls=20, share=0.5, open_s=10.0)
ENDS = st.sampled_from(["succeed", "fail", "fail", "fail", "drop"])


class BreakerMachine(RuleBasedStateMachine):
    """The model keeps all ends since the state last changed, with their times."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(RULES)
        self.now = 1_000.25
        self.under_way: list[Passage] = []
        self.stale: list[Passage] = []
        self.ends: list[tuple[float, bool]] = []
        self.open_until: float | None = None
        self.probe: Passage | None = None

    def change(self, open_until: float | None) -> None:
        """The state has changed: what is under way says nothing any more."""
        self.open_until = open_until
        self.probe = None
        self.ends.clear()
        self.stale += self.under_way
        self.under_way.clear()

    @property
    def may_pass(self) -> bool:
        """What the breaker should say."""
        return self.open_until is None or (self.probe is None and self.now >= self.open_until)

    @rule(seconds=st.sampled_from([0.0, 0.1, 0.9, 1.0, 5.0, 10.0, 31.0]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    @precondition(lambda self: self.may_pass)
    @rule(calls=st.integers(1, 40))
    def begin(self, calls: int) -> None:
        """Calls pass; of those that try it out, one."""
        for _ in range(calls):
            if self.may_pass:
                passage = self.breaker.begin()
                self.under_way.append(passage)
                if self.open_until is not None:
                    self.probe = passage

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), calls=st.integers(1, 40))
    def end(self, data: st.DataObject, calls: int) -> None:
        """Calls end, in any order."""
        for _ in range(calls):
            if not self.under_way:
                return
            at = data.draw(st.integers(0, len(self.under_way) - 1))
            self.end_one(self.under_way.pop(at), data.draw(ENDS))

    def end_one(self, passage: Passage, how: str) -> None:
        """One call ends."""
        self.tell(passage, how)
        if how == "drop":
            self.probe = None if passage is self.probe else self.probe
        elif passage is self.probe:
            self.change(None if how == "succeed" else self.now + RULES.open_s)
        else:
            self.ends.append((self.now, how == "fail"))
            recent = [failed for at, failed in self.ends if int(at) > int(self.now) - 30]
            share = len(recent) >= 20 and 2 * sum(recent) >= len(recent)
            if how == "fail" and (share or self.newest_failed()):
                self.change(self.now + RULES.open_s)

    def newest_failed(self) -> bool:
        """Whether twenty failures of half a minute stand among the newest forty ends."""
        newest = [at for at, failed in self.ends[-40:] if failed]
        return len([at for at in newest if self.now - at <= 30]) >= 20

    @precondition(lambda self: self.stale)
    @rule(how=ENDS)
    def end_late(self, how: str) -> None:
        """A call ends that began before the state last changed: nothing comes of it."""
        self.tell(self.stale.pop(), how)

    def tell(self, passage: Passage, how: str) -> None:
        """Tells the breaker."""
        if how == "drop":
            self.breaker.drop(passage)
        elif how == "fail":
            self.breaker.fail(passage, self.now)
        else:
            self.breaker.succeed(passage, self.now)

    @rule()
    def force(self) -> None:
        """Somebody knows that no call can succeed."""
        self.breaker.open(self.now)
        self.change(self.now + RULES.open_s)

    @invariant()
    def agree(self) -> None:
        """It lets pass what the model lets pass, and says when it next will."""
        assert self.breaker.ready(self.now) == self.may_pass
        assert self.breaker.is_closed == (self.open_until is None)
        wanted = None if self.probe is not None else self.open_until
        assert self.breaker.ready_at() == wanted


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(max_examples=40, stateful_step_count=40)
