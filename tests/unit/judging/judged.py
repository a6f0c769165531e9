"""A judge that answers as a test says, and questions for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plimsoll.domain.judging import JudgeCall, JudgeReply, JudgeTraits
from plimsoll.domain.rubric import Panel
from plimsoll.settings.rubric_files import shipped_rubrics

PLAIN = JudgeTraits()
Fill = Callable[[JudgeCall], Mapping[str, object]]


@dataclass
class FakeJudge:
    """Fills in what `fill` gives, and keeps what it was asked."""

    fill: Fill
    asked: list[JudgeCall] = field(default_factory=list)

    def traits(self, model: str) -> JudgeTraits:
        """Nothing special."""
        del model
        return PLAIN

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """At once."""
        del deadline_s
        self.asked.append(call)
        return JudgeReply(self.fill(call))

    async def close(self) -> None:
        """Nothing to release."""


def panel(
    rubric: str = "correctness", judges: tuple[str, ...] = ("one",), samples: int = 1
) -> Panel:
    """A panel over a rubric that ships."""
    return Panel("judge", shipped_rubrics()[rubric], judges, samples)


def nonce_of(call: JudgeCall) -> str:
    """What an honest judge copies."""
    return call.material.rpartition("nonce: ")[2]
