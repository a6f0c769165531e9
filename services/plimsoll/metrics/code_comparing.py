"""What metrics share that compare the behaviour of delivered code with its alternatives'."""

from __future__ import annotations

from typing import ClassVar

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.metrics.code_behaviour import Behaviour, behaviour_of
from plimsoll.metrics.code_running import UsesSandbox


class ComparesBehaviour(UsesSandbox):
    """A metric that is a number of what the programs do; `rule` is its own part of provenance."""

    rule: ClassVar[Pairs] = ()

    def work(self, result: LlmResult) -> int:
        """A start of the sandbox for each program."""
        return self.steps(1 + len(result.alternatives))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The number in [0, 1]; evidence says how much was run, and how many agreed."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        behaviour = behaviour_of(result, subject, sandbox)
        if isinstance(behaviour, Absence):
            return behaviour
        value, raw_value = self.number(behaviour)
        return Measurement(
            value=value,
            raw_value=raw_value,
            evidence=(behaviour.evidence(),),
            provenance=(*self.rule, *behaviour.provenance),
            flags=behaviour.flags,
        )

    def number(self, behaviour: Behaviour) -> tuple[float, float]:
        """The value in [0, 1] and the raw value."""
        raise NotImplementedError
