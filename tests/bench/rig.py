"""What every benchmark stands on: a broker, a deployment of its own, and processor time."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from plimsoll.settings.model import Settings
from tests.conftest import settings_for
from tests.support.services import Fleet, Service, fleet
from tests.support.topics import all_names, delete_topics, make_topics, unique_names

# Processes are stopped while records are loaded; their sessions have to last that long.
SESSION_TIMEOUT_MS = 120_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    records: int
    repetitions: int
    sample_results: int
    latency_seconds: float
    backlog: int
    backlog_seconds: float
    calls: int
    # How long the judge takes that has many calls under way at once.
    slow_judge_ms: int


FULL = Sizes(
    records=20_000,
    repetitions=5,
    sample_results=6_000,
    latency_seconds=15.0,
    backlog=1_000_000,
    backlog_seconds=60.0,
    calls=4_000,
    slow_judge_ms=12_000,
)
QUICK = Sizes(
    records=1_500,
    repetitions=1,
    sample_results=200,
    latency_seconds=1.0,
    backlog=2_000,
    backlog_seconds=1.0,
    calls=200,
    slow_judge_ms=1_000,
)


@dataclass
class Rig:
    """One deployment under measurement."""

    bootstrap: str
    settings: Settings
    fleet: Fleet
    sizes: Sizes


@asynccontextmanager
async def rig(bootstrap: str, directory: Path, sizes: Sizes) -> AsyncIterator[Rig]:
    """Fresh topics, settings and processes, gone at the end of the block."""
    names = unique_names()
    await make_topics(bootstrap, all_names(names))
    settings = settings_for(bootstrap, names, directory)
    settings.kafka.session_timeout_ms = SESSION_TIMEOUT_MS
    settings.log_level = "WARNING"
    try:
        with fleet(directory / "fleet") as ships:
            yield Rig(bootstrap, settings, ships, sizes)
    finally:
        await delete_topics(bootstrap, all_names(names))


def family(service: Service) -> list[psutil.Process]:
    """A service's process and its children."""
    process = psutil.Process(service.process.pid)
    return [process, *process.children(recursive=True)]


def cpu_seconds(service: Service) -> float:
    """Processor time of a service so far, user and system, its children's included."""
    total = 0.0
    for process in family(service):
        # One that has just ended is counted with its parent no more.
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def resident_bytes(service: Service) -> int:
    """Resident memory of a service's own process."""
    return int(psutil.Process(service.process.pid).memory_info().rss)


def say(text: str) -> None:
    """Progress, for people who wait."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
