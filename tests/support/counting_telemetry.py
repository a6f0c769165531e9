"""Telemetry that adds up where a test can see it."""

from __future__ import annotations

from collections import Counter

from plimsoll.ports.telemetry import Instrument


class Figures:
    """Telemetry that adds up."""

    def __init__(self) -> None:
        self.totals: Counter[tuple[str, ...]] = Counter()

    def count(self, what: Instrument, labels: tuple[str, ...] = (), amount: float = 1) -> None:
        """Adds."""
        self.totals[what.name, *labels] += int(amount)

    def set(
        self,
        what: Instrument,
        value: float,
        labels: tuple[str, ...] = (),
        *,
        good_for_s: float | None = None,
    ) -> None:
        """Replaces."""
        self.totals[what.name, *labels] = int(value)

    def forget(self, what: Instrument, labels: tuple[str, ...] = ()) -> None:
        """Takes away."""
        self.totals.pop((what.name, *labels), None)

    def observe(self, what: Instrument, value: float, labels: tuple[str, ...] = ()) -> None:
        """Counts."""
        self.totals[what.name, *labels] += 1
