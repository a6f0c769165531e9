"""The offset tracker against a naive model, whatever is added and finished in whatever order."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from plimsoll.pipeline.offsets import OffsetTracker


class TrackerMachine(RuleBasedStateMachine):
    """The model keeps every offset and whether it is done; nothing is clever about it."""

    def __init__(self) -> None:
        super().__init__()
        self.begin(0)

    def begin(self, start: int) -> None:
        """A new assignment, as after a revocation or a crash."""
        self.tracker = OffsetTracker(start)
        self.model: dict[int, bool] = {}
        self.next = start

    @rule(gap=st.integers(0, 3))
    def add(self, gap: int) -> None:
        """Takes the next record; logs have gaps where markers or deleted records stood."""
        offset = self.next + gap
        self.tracker.add(offset)
        self.model[offset] = False
        self.next = offset + 1

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        """Finishes any record, finished ones included."""
        offset = data.draw(st.sampled_from(sorted(self.model)))
        self.tracker.finish(offset)
        self.model[offset] = True

    @rule()
    def crash(self) -> None:
        """The next owner begins at what was committed, and forgets the rest."""
        self.begin(self.tracker.watermark)

    @invariant()
    def watermark_is_the_first_unfinished(self) -> None:
        """What may be committed never passes a record that is not done, and never lags behind."""
        unfinished = [offset for offset, done in self.model.items() if not done]
        assert self.tracker.watermark == (min(unfinished) if unfinished else self.next)
        assert self.tracker.in_flight == len(unfinished)
        assert self.tracker.span == (self.next - min(unfinished) if unfinished else 0)


TestOffsetTracker = TrackerMachine.TestCase
