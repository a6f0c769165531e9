"""Members come and go faster than the group can settle."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import Scene, assert_sound, redelivered, scene
from tests.support.load import produce, stream
from tests.support.services import Service, wait_for_members

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4401
RECORDS = 3_000
CHANGES = 14
MOST_CHANGES = 20 * CHANGES


def staying(play: Scene) -> list[Service]:
    """Scorers that run and were not asked to leave."""
    running = play.fleet.running()
    return [s for s in running if s.name.startswith("scorer") and not s.leaving]


async def test_a_storm_of_joins_and_leaves(settings: Settings, tmp_path: Path) -> None:
    """A member joins or leaves every second or two: I1 to I4 hold, and work goes on meanwhile."""
    # Nobody dies here: who stands still on a busy machine keeps its place.
    settings.kafka.session_timeout_ms = 12_000
    async with scene(settings, tmp_path, SEED) as play:
        play.fleet.scorer(settings)
        await wait_for_members(play.bootstrap, play.group, 1)
        records = stream(play.chance, RECORDS)
        load = asyncio.create_task(produce(play.bootstrap, play.results, records, 150))
        for change in range(MOST_CHANGES):
            # A slow machine joins slowly: the storm goes on until work has been done in it, and
            # until somebody has left.
            leaving = any(service.leaving for service in play.fleet.services)
            if change >= CHANGES and leaving and play.committed() > 0:
                break
            await asyncio.sleep(play.chance.uniform(1.0, 2.0))
            joined = [scorer for scorer in staying(play) if scorer.ready]
            if len(staying(play)) < 4 and (len(joined) < 2 or change % 2 == 0):
                play.fleet.scorer(settings)
            elif len(joined) > 1:
                play.chance.choice(joined).terminate()
        during = play.committed()
        await load
        run = await play.settled()
        left = [await s.ended() for s in play.fleet.services if s.leaving]
    assert during > 0
    assert left
    assert set(left) == {0}
    assert_sound(run)
    print(f"{redelivered(run)} of {len(run.scored)} events were deliveries again")
