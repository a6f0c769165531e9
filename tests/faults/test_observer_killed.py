"""Windows stay exact while observers are killed and come back."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.support.observed import emissions, emit, expected, wait_for, went_back, windows_of
from tests.support.services import Fleet, fleet

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 5309
RESULTS = 6_000
KILLS = 8


def observer(ships: Fleet, settings: Settings) -> None:
    """One more observer."""
    ships.start("plimsoll.observer", settings)


async def test_windows_are_exact_under_kills(settings: Settings, tmp_path: Path) -> None:
    """Two observers, one killed every three seconds under load: every window is exact.

    The load holds results twice, rescores and poison. No version of a window on the topic ever
    goes back.
    """
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    settings.observer.publish_interval_ms = 300
    # Short sessions, so that whoever is left has taken over before the next kill.
    settings.kafka.session_timeout_ms = 2_000
    bootstrap, topics = settings.kafka.bootstrap_servers, settings.topics
    events = emissions(chance, RESULTS, minutes=8)
    with fleet(tmp_path / "fleet") as ships:
        observer(ships, settings)
        observer(ships, settings)
        load = asyncio.create_task(emit(bootstrap, topics.scores, events, RESULTS / 30))
        for _ in range(KILLS):
            await asyncio.sleep(2 + 2 * chance.random())
            victim = chance.choice(ships.running())
            victim.kill()
            observer(ships, settings)
        await load
        await wait_for(
            bootstrap, topics.quality, expected(events), lambda: len(ships.running()) == 2
        )
        for service in ships.running():
            service.terminate()
            assert await service.ended() == 0
    assert went_back(await windows_of(bootstrap, topics.quality)) == []
