"""Scored events by the thousand, what an observer must make of them, and what it did."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaProducer

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.quality import CONFIDENCE, QualityWindow, Series, Tally
from plimsoll.domain.result import TaskKind
from plimsoll.domain.scored import ScoredResult
from plimsoll.pipeline.quality_totals import merge_windows
from plimsoll.pipeline.tallies import Counts
from plimsoll.wire.quality import decode_quality
from tests.support.reader import read_topic
from tests.support.scored_events import at_ms, event_value, scored_event

WINDOW_MS = 60_000
TENANTS, MODELS = ("acme", "globex"), ("m-1", "m-2")
ABSENCES = (AbsenceReason.THROTTLED, AbsenceReason.INPUT_MISSING)

Totals = Mapping[tuple[datetime, Series], Tally]


@dataclass(frozen=True, slots=True)
class Emission:
    """One record: None is poison. Its timestamp is the scorer's."""

    scored: ScoredResult | None
    timestamp_ms: int

    @property
    def key(self) -> bytes:
        """tenant/result_id."""
        return b"poison" if self.scored is None else self.scored.key.encode()

    @property
    def value(self) -> bytes:
        """The event, or garbage."""
        return b"\xff\xfe not an event" if self.scored is None else event_value(self.scored)


def emissions(chance: random.Random, count: int, minutes: int) -> list[Emission]:
    """`count` results over so many minutes; some twice, some scored again, poison in between."""
    events: list[Emission] = []
    # Near now: a broker deletes what is older than its topic keeps.
    first_ms = (int(time.time() * 1_000) // WINDOW_MS - minutes) * WINDOW_MS
    for number in range(count):
        published_ms = first_ms + number * minutes * WINDOW_MS // count
        emitted = Emission(_result(chance, number, published_ms), published_ms + 5_000)
        events.append(emitted)
        if chance.random() < 0.1:
            # A scorer that was killed scores again: the same result, at another offset.
            events.insert(max(0, len(events) - chance.randrange(1, 50)), emitted)
        if chance.random() < 0.03:
            again = _result(chance, number, published_ms, revision=published_ms * 1_000)
            events.append(Emission(again, published_ms + 6_000))
        if chance.random() < 0.01:
            events.append(Emission(None, published_ms))
    return events


def _result(
    chance: random.Random, number: int, published_ms: int, revision: int = 0
) -> ScoredResult:
    # Eighths are exact in binary: sums do not depend on the order they are added in.
    point: float | Absence = chance.randrange(9) / 8
    if chance.random() < 0.1:
        point = Absence(chance.choice(ABSENCES))
    return scored_event(
        f"r-{number}",
        published_ms,
        point=point,
        scores={"sequence_probability": point, "response_length": chance.randrange(9) / 8},
        revision=revision,
        tenant=chance.choice(TENANTS),
        model=chance.choice(MODELS),
        task_kind=chance.choice((TaskKind.OPEN_QA, TaskKind.CODE)),
    )


def expected(events: Sequence[Emission]) -> Totals:
    """Each unique result at revision 0 once, in the minute its input was published."""
    counts: defaultdict[tuple[datetime, Series], Counts] = defaultdict(Counts)
    seen: set[object] = set()
    for event in events:
        scored = event.scored
        if scored is None or scored.revision or scored.key in seen or scored.observation is None:
            continue
        seen.add(scored.key)
        start_ms = int(scored.observation.publish_time.timestamp()) * 1_000 // WINDOW_MS * WINDOW_MS
        confidence = scored.confidence.outcome
        point = confidence if isinstance(confidence, Absence) else confidence.point
        for metric, outcome in [
            *((s.metric, s.outcome) for s in scored.scores),
            (CONFIDENCE, point),
        ]:
            model = scored.gen_ai.request_model
            series = Series(scored.key.tenant, model, scored.task_kind, metric)
            counts[at_ms(start_ms), series].add(outcome)
    return {key: count.freeze() for key, count in counts.items()}


async def emit(bootstrap: str, topic: str, events: Sequence[Emission], per_second: float) -> None:
    """Publishes the events at about that rate."""
    # A broker that was killed may take minutes to come back on a busy machine.
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        request_timeout_ms=600_000,
    )
    await producer.start()
    try:
        begin = time.monotonic()
        for number, event in enumerate(events):
            ahead_s = number / per_second - (time.monotonic() - begin)
            if ahead_s > 0:
                await asyncio.sleep(ahead_s)
            await producer.send(topic, event.value, key=event.key, timestamp_ms=event.timestamp_ms)
        await producer.flush()
    finally:
        await producer.stop()


async def windows_of(bootstrap: str, topic: str) -> list[QualityWindow]:
    """Every version of every window, as it stands on the topic."""
    return [decode_quality(record.value) for record in await read_topic(bootstrap, topic)]


def totals(windows: Sequence[QualityWindow]) -> Totals:
    """What a reader makes of them."""
    return {(total.start_time, total.series): total.tally for total in merge_windows(windows)}


async def wait_for(
    bootstrap: str, topic: str, wanted: Totals, alive: Callable[[], bool], deadline_s: float = 300.0
) -> None:
    """Returns when the reader's totals are these; fails where they stand still, and are others."""
    before: Totals = {}
    deadline = time.monotonic() + deadline_s
    while True:
        began = time.monotonic()
        found = totals(await windows_of(bootstrap, topic))
        ended = time.monotonic()
        if found == wanted:
            return
        if found != before:
            before, deadline = found, ended + deadline_s
        if ended > deadline or not alive():
            raise AssertionError(_difference(found, wanted))
        # Who reads the whole topic again and again must not keep others from filling it.
        await asyncio.sleep(max(0.5, 2 * (ended - began)))


def _difference(found: Totals, wanted: Totals) -> str:
    wrong = [
        f"{key}: {found[key].count if key in found else None} instead of {tally.count}"
        for key, tally in wanted.items()
        if found.get(key) != tally
    ]
    starts = sorted({f"{key[0]:%H:%M}" for key, tally in wanted.items() if found.get(key) != tally})
    return f"{len(wrong)} of {len(wanted)} windows are wrong, at {starts}, as {wrong[:3]}"


def went_back(windows: Sequence[QualityWindow]) -> list[QualityWindow]:
    """Versions that count less than an earlier one with an offset that is not higher."""
    held: dict[tuple[datetime, Series, int], QualityWindow] = {}
    wrong: list[QualityWindow] = []
    for window in windows:
        key = window.start_time, window.series, window.source_partition
        before = held.get(key)
        if before is None or window.last_offset >= before.last_offset:
            if before is not None and window.tally.count < before.tally.count:
                wrong.append(window)
            held[key] = window
    return wrong
