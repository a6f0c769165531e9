"""Models that judge, and checks of grounding: one attempt a call, and no patience of their own."""

from __future__ import annotations

from typing import Protocol

from plimsoll.domain.judging import (
    GroundingCall,
    GroundingReply,
    JudgeCall,
    JudgeReply,
    JudgeTraits,
)


class JudgeModel(Protocol):
    """Asks models through one connection; safe for many calls at once on one event loop."""

    def traits(self, model: str) -> JudgeTraits:
        """What is known of a model; for one that nobody has described, the plain defaults."""

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """Asks once and waits no longer than `deadline_s`; then the reply is `timed_out`.

        What this call and this material end in is a reply, if only with an absence. What waiting,
        another parameter or an operator may mend is raised: JudgeFaultError (retryable, with its
        kind and delay), ParameterRefusedError, JudgeMisconfiguredError.
        """

    async def close(self) -> None:
        """Releases connections and threads; what is under way ends by its own time-outs."""


class GroundingCheck(Protocol):
    """Scores how far a text is grounded; raises as `JudgeModel.ask` does."""

    async def check(self, call: GroundingCall, deadline_s: float) -> GroundingReply:
        """Asks once and waits no longer than `deadline_s`."""

    async def close(self) -> None:
        """Releases connections and threads."""
