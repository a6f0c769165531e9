"""Resident memory of a scorer that starts before a long backlog."""

from __future__ import annotations

import asyncio
import time
from statistics import median

from tests.bench.figures import Figure
from tests.bench.records import backlog_values, load_backlog
from tests.bench.rig import Rig, resident_bytes, say
from tests.support.services import wait_for_members

SAMPLE_EVERY_S = 0.1
# One for each quarter.
LEAST_SAMPLES = 4


async def measure(rig: Rig) -> list[Figure]:
    """Loads the backlog, then samples the scorer's memory while it works it off."""
    say(f"backlog: loading {rig.sizes.backlog:,} records")
    started = time.monotonic()
    topic = rig.settings.topics.results
    await load_backlog(rig.bootstrap, topic, backlog_values(1_000), rig.sizes.backlog)
    say(f"backlog: loaded in {time.monotonic() - started:.0f} s; now it is worked off")
    scorer = rig.fleet.scorer(rig.settings)
    await wait_for_members(rig.bootstrap, rig.settings.scorer.group_id, 1)
    sampled: list[int] = []
    until = time.monotonic() + rig.sizes.backlog_seconds
    while time.monotonic() < until or len(sampled) < LEAST_SAMPLES:
        sampled.append(resident_bytes(scorer))
        await asyncio.sleep(SAMPLE_EVERY_S)
    scorer.kill()
    quarter = max(len(sampled) // 4, 1)
    early, late = median(sampled[quarter : 2 * quarter]), median(sampled[-quarter:])
    return [
        Figure("backlog_resident_max", max(sampled) / 1e6, "MB", aim="under 200 MB"),
        Figure(
            "backlog_resident_late",
            late / 1e6,
            "MB",
            early / 1e6,
            late / early,
            "flat: ratio near 1",
        ),
    ]
