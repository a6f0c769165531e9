"""Metrics that are too long for the event loop, and gates that may hold work back."""

from __future__ import annotations

from typing import Protocol

from plimsoll.domain.absence import Absence
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score


class Gate(Protocol):
    """Something that may be closed for a while: a full pool, later a breaker or a quota.

    A result's deadline stands still while a gate holds it back.
    """

    @property
    def is_open(self) -> bool:
        """Whether work may pass now."""

    @property
    def absence(self) -> Absence:
        """What a score says that never got through."""

    async def opened(self) -> None:
        """Returns when work may pass."""


class Turn(Gate, Protocol):
    """A place in line, open once whoever stands there has come up."""

    def leave(self) -> None:
        """Makes way for the next; a second time changes nothing."""


class Compute(Protocol):
    """Runs metrics away from the event loop; it knows them by name."""

    def turn(self) -> Turn:
        """A place in line for a process: first come, first served."""

    async def evaluate(
        self, metric: str, result: LlmResult, deadline_s: float, turn: Turn | None = None
    ) -> Score:
        """The metric's score; an absence `timed_out` where `deadline_s` runs out.

        Within `turn`, which is over when it returns; without one it stands in line itself.
        """

    async def stop(self) -> None:
        """Ends its processes; never raises."""
