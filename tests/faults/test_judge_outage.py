"""A judge is away for longer than results may take: they wait, and are judged when it is back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plimsoll.ports.judge_telemetry import JUDGE_BREAKER_OPEN
from plimsoll.ports.telemetry import RECORDS_CONSUMED, RESULTS_PUBLISHED
from plimsoll.settings.model import Settings
from plimsoll.wire.scored import decode_scored
from tests.faults.scene import Scene, assert_sound, redelivered, scene
from tests.support.emulator_process import EmulatorProcess, emulator_process
from tests.support.judged import JUDGED, PANEL, ask_emulator, journal, play_script
from tests.support.load import produce, single
from tests.support.ports import free_port
from tests.support.reader import ends_of, read_topic
from tests.support.scraping import scraped
from tests.support.services import PROGRAM, wait_for_members

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 5401
BEFORE = 20
DURING = 80
IN_FLIGHT = 12
MIN_CALLS = 8
OPEN_S = 3.0
# A result may be in work for longer than a machine stands still.
DEADLINE_S = 40
# Longer than a result's deadline, from when nobody asks any more.
AWAY_S = 1.25 * DEADLINE_S
# Refusals and silence, by turns of chance.
OUTAGE = {"unavailable": 0.6, "hang": 0.4}
LOOKS = 1_800


def set_up(settings: Settings, emulator: EmulatorProcess, directory: Path) -> None:
    """Little patience and little room, so that a minute is a long outage."""
    ask_emulator(settings, emulator, directory, deadline_s=DEADLINE_S)
    settings.scorer.max_in_flight = IN_FLIGHT
    settings.scorer.max_in_flight_per_partition = IN_FLIGHT
    # Nobody dies here, so that a member that stood still for a while keeps its partitions.
    settings.kafka.session_timeout_ms = 60_000
    settings.judges.attempt_timeout_s = 5.0
    settings.judges.breaker_min_calls = MIN_CALLS
    settings.judges.breaker_open_s = OPEN_S


async def two_scorers(play: Scene) -> list[int]:
    """Two scorers that have joined, by the ports of their telemetry."""
    ports = [free_port(), free_port()]
    for port in ports:
        play.settings.scorer.telemetry_port = port
        play.fleet.start(PROGRAM, play.settings, "scorer", variables=JUDGED)
    await wait_for_members(play.bootstrap, play.group, len(ports))
    await play.fleet.all_ready()
    return ports


async def becomes(true: Callable[[], bool], what: str) -> None:
    """Returns once it is true."""
    for _ in range(LOOKS):
        if true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never: {what}")


def held(port: int) -> float:
    """Records that a scorer has taken and not published."""
    return scraped(port, RECORDS_CONSUMED) - scraped(port, RESULTS_PUBLISHED)


async def produce_more(play: Scene, first: int, count: int) -> None:
    """So many results."""
    records = [single(play.chance, f"r{number}") for number in range(first, first + count)]
    await produce(play.bootstrap, play.results, records)


def probed(since: float) -> float:
    """How often two scorers may have tried a judge that is away since then, at most."""
    return 2 * ((time.monotonic() - since) / OPEN_S + 1)


async def outage(play: Scene, ports: list[int], emulator: EmulatorProcess) -> None:
    """The judge goes away, is left alone, and results wait for it with their partitions paused."""
    # One for each result before, and more where a machine stood still.
    before, away_since = int(journal(emulator)["calls"]), time.monotonic()
    play_script(emulator, rates=OUTAGE)
    await produce_more(play, BEFORE, DURING)
    await becomes(
        lambda: all(scraped(port, JUDGE_BREAKER_OPEN) for port in ports), "both breakers open"
    )
    # Those that began before it opened end by their own time-out.
    await becomes(lambda: not journal(emulator)["in_flight"], "nobody waits for the judge")
    full = [IN_FLIGHT, IN_FLIGHT]
    await becomes(lambda: [held(port) for port in ports] == full, "both hold what they may")
    # Nobody asks more than is in work, and once more for whom the retries suffice. Half of the
    # calls that a breaker opens on may have been answered before.
    began = time.monotonic()
    asked = int(journal(emulator)["calls"]) - before
    assert MIN_CALLS <= asked <= 2 * (2 * IN_FLIGHT + MIN_CALLS) + probed(away_since)
    await asyncio.sleep(AWAY_S)
    assert [held(port) for port in ports] == full
    ends = await ends_of(play.bootstrap, play.settings.topics.scores)
    assert sum(ends.values()) == BEFORE
    probes = int(journal(emulator)["calls"]) - before - asked
    assert 1 <= probes <= probed(began)


async def test_an_outage_of_the_judge_is_waited_for(settings: Settings, tmp_path: Path) -> None:
    """Refusals and silence beyond a deadline: no loss, no absence, few calls, and it drains."""
    with emulator_process(tmp_path) as emulator:
        set_up(settings, emulator, tmp_path)
        async with scene(settings, tmp_path, SEED) as play:
            ports = await two_scorers(play)
            await produce_more(play, 0, BEFORE)
            await play.scored()
            await outage(play, ports, emulator)
            play_script(emulator)
            run = await play.settled()
            told = journal(emulator)["entries"]
        events = await read_topic(play.bootstrap, settings.topics.scores)
        again = await ends_of(play.bootstrap, settings.topics.rescores)
    assert_sound(run)
    assert redelivered(run) == 0
    assert sum(again.values()) == 0
    scores = [decode_scored(event.value) for event in events]
    assert len(scores) == BEFORE + DURING
    assert all(one.complete for one in scores)
    absent = [s.absence for one in scores for s in one.scores if s.metric == PANEL and s.absence]
    verdicts = [entry["verdict"] for entry in told if entry["outcome"] == "answered"]
    # A reply that came too late for who asked is asked for again.
    assert len(verdicts) >= BEFORE + DURING
    if len(verdicts) == BEFORE + DURING:
        assert len(absent) == sum(verdict["cannot_tell"] for verdict in verdicts)
