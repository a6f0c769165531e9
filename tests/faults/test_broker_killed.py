"""The broker dies and comes back, and the services wait it out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.conftest import settings_for
from tests.faults.scene import assert_sound, scene
from tests.support.kafka import KafkaBroker
from tests.support.load import produce, stream
from tests.support.services import wait_for_members
from tests.support.topics import all_names, make_topics, unique_names

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4301
RECORDS = 2_000


async def test_sigkill_and_restart_of_the_broker_under_load(
    own_kafka: KafkaBroker, tmp_path: Path
) -> None:
    """Two SIGKILLs of the broker under load leave I1 to I4 whole, and no service ends."""
    topics = unique_names()
    await make_topics(own_kafka.bootstrap, all_names(topics))
    settings = settings_for(own_kafka.bootstrap, topics, tmp_path)
    async with scene(settings, tmp_path, SEED) as play:
        for _ in range(2):
            play.fleet.scorer(settings)
        await wait_for_members(play.bootstrap, play.group, 2)
        records = stream(play.chance, RECORDS)
        load = asyncio.create_task(produce(play.bootstrap, play.results, records, 120))
        for down_s in (0.0, 3.0):
            await asyncio.sleep(3)
            await asyncio.to_thread(own_kafka.kill)
            await asyncio.sleep(down_s)
            own_kafka.start()
        await load
        run = await play.settled()
        assert [s.name for s in play.fleet.services if not s.alive] == []
    assert_sound(run)
