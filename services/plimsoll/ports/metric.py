"""What computes: one number, or a typed absence, for one result."""

from __future__ import annotations

from typing import Protocol

from plimsoll.domain.absence import Absence
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
