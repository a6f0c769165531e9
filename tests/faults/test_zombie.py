"""A scorer that sleeps through its own funeral does no harm when it wakes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import assert_sound, scene
from tests.support.load import produce, stream
from tests.support.services import wait_for_members

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4501
RECORDS = 2_000


async def test_a_scorer_that_wakes_after_its_session_has_ended(
    settings: Settings, tmp_path: Path
) -> None:
    """Stopped for longer than its session and let go again, it neither loses nor doubles."""
    # Who stands still for a moment on a busy machine keeps its place: only the sleeper loses it.
    settings.kafka.session_timeout_ms = 12_000
    short = settings.model_copy(deep=True)
    short.kafka.session_timeout_ms = 6_000
    async with scene(settings, tmp_path, SEED) as play:
        sleeper, _ = play.fleet.scorer(short), play.fleet.scorer(settings)
        await wait_for_members(play.bootstrap, play.group, 2)
        records = stream(play.chance, RECORDS)
        load = asyncio.create_task(produce(play.bootstrap, play.results, records, 150))
        for _ in range(2):
            await asyncio.sleep(1.5)
            sleeper.pause()
            await wait_for_members(play.bootstrap, play.group, 1)
            await asyncio.sleep(1)
            sleeper.resume()
            await wait_for_members(play.bootstrap, play.group, 2)
        await load
        run = await play.settled()
        assert sleeper.alive
    assert_sound(run)
