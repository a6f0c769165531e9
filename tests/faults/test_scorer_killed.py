"""Scorers die without warning, and nothing is lost, doubled or invented."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import assert_sound, redelivered, scene
from tests.support.load import produce, stream
from tests.support.services import wait_for_members

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4201
RECORDS = 3_000
KILLS = 6


async def test_sigkill_of_one_of_three_scorers_under_load(
    settings: Settings, tmp_path: Path
) -> None:
    """Six SIGKILLs of one of three scorers, each replaced, leave I1 to I4 whole."""
    # The dead are buried: who stands still on a busy machine keeps its place.
    settings.kafka.session_timeout_ms = 12_000
    async with scene(settings, tmp_path, SEED) as play:
        for _ in range(3):
            play.fleet.scorer(settings)
        await wait_for_members(play.bootstrap, play.group, 3)
        records = stream(play.chance, RECORDS)
        load = asyncio.create_task(produce(play.bootstrap, play.results, records, 200))
        for _ in range(KILLS):
            await asyncio.sleep(play.chance.uniform(1.5, 3.5))
            scorers = [s for s in play.fleet.running() if s.name.startswith("scorer")]
            victim = play.chance.choice(scorers)
            victim.kill()
            await play.buried(victim)
            play.fleet.scorer(settings)
        await load
        run = await play.settled()
    assert_sound(run)
    print(f"{redelivered(run)} of {len(run.scored)} events were deliveries again")
