"""What computes: one number, or a typed absence, for one result."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from plimsoll.domain.absence import Absence
from plimsoll.domain.judging import JudgeCall, JudgeReply
from plimsoll.domain.metric import Measurement, MetricSpec
from plimsoll.domain.result import LlmResult


class Metric(Protocol):
    """Pure and deterministic: the same result gives the same answer in any process."""

    @property
    def spec(self) -> MetricSpec:
        """The catalogue entry."""

    def work(self, result: LlmResult) -> int:
        """About how many elementary steps `compute` takes (10 million are about a second).

        Decides whether it runs on the event loop, aside, or not at all.
        """

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """Called only when every input of `spec.needs` is there. Must not raise for any input."""


@runtime_checkable
class AskedMetric(Metric, Protocol):
    """A metric that a service measures: it says what to ask and reads the reply, and asks nobody.

    Both are pure. Where nobody can be asked, `compute` answers `not_configured`.
    """

    def question(self, result: LlmResult) -> JudgeCall | Absence:
        """What to ask of a result that has every input of `spec.needs`; equal calls ask once."""

    def answer(self, reply: JudgeReply) -> Measurement | Absence:
        """The number in the reply, or why it has none."""
