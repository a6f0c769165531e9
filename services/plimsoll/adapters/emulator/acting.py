"""Which fault a call meets: the first step of the script that fits, else chance."""

from __future__ import annotations

from collections import OrderedDict

from plimsoll.adapters.emulator.drawing import draw
from plimsoll.adapters.emulator.faults import ErrorAnswer, refusal
from plimsoll.adapters.emulator.questions import Question
from plimsoll.adapters.emulator.scripts import Script, Step

_MOST_REMEMBERED = 50_000


class Stage:
    """A script in play."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._left: list[tuple[Step, int]] = [(step, step.times) for step in script.steps]
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._prefixes: OrderedDict[str, None] = OrderedDict()

    def fault(self, model: str, asked: str, digest: str, seen: int) -> str:
        """The fault's name, or nothing."""
        for index, (step, left) in enumerate(self._left):
            if model.startswith(step.model) and step.contains in asked:
                if left > 1:
                    self._left[index] = (step, left - 1)
                else:
                    del self._left[index]
                return step.fault
        chance = draw(self.script.seed, digest, seen, "fault")
        for name, rate in self.script.rates.items():
            chance -= rate
            if chance < 0:
                return name
        return ""

    def refusal(self, question: Question) -> ErrorAnswer | None:
        """What the model says of the first parameter that it does not take."""
        for start, names in self.script.refuses.items():
            if question.model.startswith(start):
                for name in names:
                    if name in question.parameters:
                        return refusal(name)
        return None

    def seen(self, digest: str) -> int:
        """How many times this has been asked before."""
        times = self._seen.pop(digest, 0)
        self._seen[digest] = times + 1
        if len(self._seen) > _MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return times

    def is_cached(self, question: Question) -> bool:
        """Whether what stands before the cache point was kept; it is from now on."""
        kept = question.prefix in self._prefixes
        self._prefixes[question.prefix] = None
        if len(self._prefixes) > _MOST_REMEMBERED:
            self._prefixes.popitem(last=False)
        return kept
