"""Watches confidences become visible, over gRPC, and notes when each did."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from plimsoll.adapters.rpc.answers import View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.cli.demo.facts import Latencies
from plimsoll.domain.errors import FatalError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position


class Arrivals:
    """Times on the event loop's clock: when the broker had each result, when each was visible."""

    def __init__(self) -> None:
        self.sent: dict[ResultKey, float] = {}
        self.seen: dict[ResultKey, float] = {}
        self.next_offsets: dict[int, int] = {}
        self._changed = asyncio.Event()

    def note_sent(self, key: ResultKey, at: Position) -> None:
        """The broker has acknowledged it."""
        self.sent.setdefault(key, _now())
        self.next_offsets[at.partition] = max(self.next_offsets.get(at.partition, 0), at.offset + 1)

    async def follow(self, client: ConfidenceClient) -> None:
        """Watches without end."""
        async for event in client.watch(from_start=True, view=View.SUMMARY):
            if event.record is not None:
                self.seen.setdefault(event.record.scored.key, _now())
                self._changed.set()

    async def all_seen(self, keys: Collection[ResultKey], timeout_s: float) -> None:
        """Returns once all of these are visible; FatalError says how many are not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self.seen.keys() >= set(keys):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            late = set(keys) - self.seen.keys()
            raise FatalError(
                f"{len(late)} of {len(keys)} results are not visible after {timeout_s:g} s, such "
                f"as {min(map(str, late))}"
            ) from None

    def latencies(self, keys: Collection[ResultKey]) -> Latencies:
        """Percentiles over those of these that are visible."""
        spans = sorted((self.seen[k] - self.sent[k]) * 1_000 for k in keys if k in self.seen)
        return Latencies(_at(spans, 0.50), _at(spans, 0.99), len(spans))

    def longest_s(self, keys: Collection[ResultKey]) -> float:
        """The longest wait of these, in seconds."""
        return max((self.seen[k] - self.sent[k] for k in keys if k in self.seen), default=0.0)


def _at(ordered: list[float], level: float) -> float:
    if not ordered:
        return 0.0
    return max(0.0, ordered[min(len(ordered) - 1, int(level * len(ordered)))])


def _now() -> float:
    return asyncio.get_running_loop().time()
