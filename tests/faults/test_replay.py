"""The whole topic is delivered again, and nobody can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import Scene, assert_sound, scene
from tests.support.load import produce, stream
from tests.support.reader import rewind
from tests.support.services import wait_for_members
from tests.support.store_reader import visible_rows

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4601
RECORDS = 600


async def scored_by_one(play: Scene) -> None:
    """Starts a scorer, lets it finish, and ends it in good order."""
    scorer = play.fleet.scorer(play.settings)
    await wait_for_members(play.bootstrap, play.group, 1)
    await play.settled()
    scorer.terminate()
    assert await scorer.ended() == 0


async def test_a_replay_from_offset_0_changes_nothing_visible(
    settings: Settings, tmp_path: Path
) -> None:
    """Scored again from offset 0, every result keeps its row, score ID and content."""
    async with scene(settings, tmp_path, SEED) as play:
        await produce(play.bootstrap, play.results, stream(play.chance, RECORDS))
        await scored_by_one(play)
        before = visible_rows(settings.store.path)
        # The order of the samples is kept: what was done once stays done.
        await rewind(play.bootstrap, play.group, play.results)
        await scored_by_one(play)
        run = await play.settled()
    assert_sound(run)
    assert run.rows == before
    assert len(run.scored) == 2 * len({event.source for event in run.scored})
