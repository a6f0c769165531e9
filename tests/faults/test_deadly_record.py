"""A record that kills whoever scores it is found out, and the others go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import assert_sound, scene
from tests.support.load import Outgoing, llm_result, produce, single
from tests.support.odd_scorer import DEADLY

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 5001
RECORDS = 200
MAX_DEATHS = 6


async def test_a_record_that_kills_its_worker_is_quarantined(
    settings: Settings, tmp_path: Path
) -> None:
    """After a few deaths the record is dead with the reason `crashed`, and no other one is."""
    # The dead are buried, so that who stands still for a while does not look like one of them.
    settings.kafka.session_timeout_ms = 60_000
    async with scene(settings, tmp_path, SEED) as play:
        result = llm_result(play.chance, "deadly")
        result.attributes[DEADLY] = "yes"
        records = [single(play.chance, f"r{number}") for number in range(RECORDS)]
        deadly = Outgoing(b"acme/deadly", result.SerializeToString(), (None,))
        records.insert(RECORDS // 2, deadly)
        await produce(play.bootstrap, play.results, records)
        done = asyncio.create_task(play.scored())
        worker = play.fleet.start("tests.support.odd_scorer", settings)
        deaths = 0
        while not done.done() and deaths <= MAX_DEATHS:
            if not worker.alive:
                deaths += 1
                await play.buried(worker)
                worker = play.fleet.start("tests.support.odd_scorer", settings)
            await asyncio.sleep(0.1)
        await done
        run = await play.settled()
    assert 2 <= deaths <= MAX_DEATHS
    assert_sound(run)
    # One of them, as often as it was delivered: who stood still before its commit tells it again.
    place = next(record for record in run.inputs if record.value == deadly.value)
    found = {(letter.source[:3], letter.reason) for letter in run.dead}
    assert found == {((*place.partition, place.offset), "crashed")}
