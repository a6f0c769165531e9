"""However often an observer is killed, its windows end as if it had never been."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.quality import CONFIDENCE, Series, Tally
from plimsoll.domain.record import Record
from plimsoll.domain.result import TaskKind
from plimsoll.pipeline.observing import Observing, ObservingRules
from plimsoll.pipeline.quality_totals import merge_windows
from plimsoll.pipeline.tallies import Counts
from plimsoll.pipeline.windows import WindowRules
from tests.support.fake_clock import FakeClock
from tests.support.memory_changelog import KilledError, MemoryChangelog
from tests.support.scored_events import event_value, scored_event

LENGTH_MS, GRACE_MS = 1_000, 2_000
# Segments of two IDs, so that a window has several.
RULES = ObservingRules(
    "quality", WindowRules(LENGTH_MS, GRACE_MS, max_segment_ids=2), "observers", "scores", 4
)


@dataclass(frozen=True)
class Event:
    """One record of the scores topic; None is poison. Values are exact in binary."""

    partition: int
    result: int
    published_ms: int
    revision: int
    eighths: int | None


EVENTS = st.builds(
    Event,
    partition=st.integers(0, 1),
    result=st.integers(0, 11),
    published_ms=st.integers(0, 9_999),
    revision=st.sampled_from([0, 0, 0, 0, 7]),
    eighths=st.none() | st.integers(0, 8),
)


@dataclass
class Naive:
    """The rule, told without windows, segments or state."""

    newest: int = -1
    seen: dict[int, int] = field(default_factory=dict)
    counts: dict[tuple[int, Series], Counts] = field(default_factory=dict)

    def is_over(self, start: int) -> bool:
        """Whether that window takes nothing any more."""
        return start + LENGTH_MS + GRACE_MS <= self.newest

    def take(self, event: Event) -> None:
        """One record in its turn."""
        if event.revision:
            return
        start = event.published_ms // LENGTH_MS * LENGTH_MS
        self.newest = max(self.newest, start)
        known = self.seen.get(event.result)
        if self.is_over(start) or (known is not None and not self.is_over(known)):
            return
        self.seen[event.result] = start
        for metric, outcome in (("m", outcome_of(event)), (CONFIDENCE, outcome_of(event))):
            series = Series("default", "m-1", TaskKind.OPEN_QA, metric)
            self.counts.setdefault((start, series), Counts()).add(outcome)


def outcome_of(event: Event) -> float | Absence:
    """A value, or an absence."""
    return Absence(AbsenceReason.THROTTLED) if event.eighths is None else event.eighths / 8


def record_of(event: Event, offset: int) -> Record:
    """The record of an event."""
    outcome = outcome_of(event)
    scored = scored_event(
        f"r-{event.result}",
        event.published_ms,
        point=outcome,
        scores={"m": outcome},
        revision=event.revision,
    )
    return Record("scores", event.partition, offset, 50_000, None, event_value(scored), ())


async def run(
    logs: dict[int, list[Record]],
    changelog: MemoryChangelog,
    chance: random.Random,
    fuses: list[int],
) -> None:
    """Processes one after the other, each until its fuse has burnt, the last to the end."""
    for fuse in [*fuses, None]:
        changelog.fuse = fuse
        observing = Observing(RULES, changelog, FakeClock(), PrometheusTelemetry())
        try:
            await one_life(observing, logs, changelog, chance)
        except KilledError:
            continue


async def one_life(
    observing: Observing,
    logs: dict[int, list[Record]],
    changelog: MemoryChangelog,
    chance: random.Random,
) -> None:
    """Reads both partitions in any interleaving, saving and publishing at any time."""
    await observing.recovered(
        {number: changelog.start(number, 0, len(log)) for number, log in logs.items()}
    )
    at = dict(observing.positions())
    while open_ones := [number for number, log in logs.items() if at[number] < len(log)]:
        number = chance.choice(open_ones)
        assert await observing.take(logs[number][at[number]], lambda: None) is None
        at[number] += 1
        step = chance.random()
        changelog.refusals = int(chance.random() < 0.02)
        if step < 0.2:
            await observing.save()
        elif step < 0.35:
            await observing.publish()
    await observing.publish()


@settings(max_examples=250, deadline=None)
@given(st.lists(EVENTS, max_size=40), st.lists(st.integers(0, 12), max_size=5), st.integers())
def test_windows_are_exact_under_any_kills(
    events: list[Event], fuses: list[int], seed: int
) -> None:
    """Killed at any write, with any part of it durable, totals equal those of the naive rule."""
    logs: dict[int, list[Record]] = {0: [], 1: []}
    naive = {0: Naive(), 1: Naive()}
    for event in events:
        log = logs[event.partition]
        log.append(record_of(event, len(log)))
        naive[event.partition].take(event)
    chance = random.Random(seed)
    changelog = MemoryChangelog(chance)
    asyncio.run(run(logs, changelog, chance, fuses))
    expected: dict[tuple[int, Series], Counts] = {}
    for rule in naive.values():
        for key, counts in rule.counts.items():
            expected.setdefault(key, Counts()).merge(counts.freeze())
    totals: dict[tuple[int, Series], Tally] = {
        (round(total.start_time.timestamp() * 1_000), total.series): total.tally
        for total in merge_windows(changelog.published)
    }
    assert totals == {key: counts.freeze() for key, counts in expected.items()}


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=40), st.lists(st.integers(0, 12), max_size=5), st.integers())
def test_no_published_window_ever_goes_back(
    events: list[Event], fuses: list[int], seed: int
) -> None:
    """A later version of a window never counts less, whatever was killed in between."""
    logs: dict[int, list[Record]] = {0: [], 1: []}
    for event in events:
        logs[event.partition].append(record_of(event, len(logs[event.partition])))
    chance = random.Random(seed)
    changelog = MemoryChangelog(chance)
    asyncio.run(run(logs, changelog, chance, fuses))
    held: dict[object, tuple[int, int]] = {}
    for window in changelog.published:
        key = window.series, window.start_time, window.source_partition
        version = window.last_offset, window.tally.count
        assert version >= held.get(key, version)
        held[key] = version
