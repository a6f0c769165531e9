"""Windows stay exact while observers are killed and come back."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.conftest import settings_for
from tests.support.kafka import KafkaBroker
from tests.support.observed import emissions, emit, expected, wait_for, went_back, windows_of
from tests.support.services import Fleet, Service, bury, fleet, wait_for_members
from tests.support.topics import all_names, make_topics, unique_names

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 5309
RESULTS = 6_000
KILLS = 8


def observer(ships: Fleet, settings: Settings) -> Service:
    """One more observer."""
    return ships.start("plimsoll.observer", settings)


async def test_windows_are_exact_under_kills(settings: Settings, tmp_path: Path) -> None:
    """Two observers, one killed every three seconds under load: every window is exact.

    The load holds results twice, rescores and poison. No version of a window on the topic ever
    goes back.
    """
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    settings.observer.publish_interval_ms = 300
    # The dead are buried, so that whoever is left has taken over before the next kill.
    settings.kafka.session_timeout_ms = 12_000
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
            await bury(bootstrap, settings.observer.app_id, victim)
            observer(ships, settings)
        await load
        await wait_for(
            bootstrap, topics.quality, expected(events), lambda: len(ships.running()) == 2
        )
        for service in ships.running():
            service.terminate()
            assert await service.ended() == 0
    assert went_back(await windows_of(bootstrap, topics.quality)) == []


async def test_an_observer_that_wakes_after_its_partitions_have_moved(
    settings: Settings, tmp_path: Path
) -> None:
    """Stopped for longer than its session and let go again, it writes nothing that counts."""
    settings.observer.publish_interval_ms = 300
    # Who stands still for a moment on a busy machine keeps its place: only the sleeper loses it.
    settings.kafka.session_timeout_ms = 12_000
    short = settings.model_copy(deep=True)
    short.kafka.session_timeout_ms = 6_000
    bootstrap, topics = settings.kafka.bootstrap_servers, settings.topics
    group = settings.observer.app_id
    events = emissions(random.Random(SEED + 1), 3_000, minutes=8)
    # Made now, however late they come: a window that is over by then forgets whom it has counted.
    again = emissions(random.Random(SEED + 2), 300, minutes=8)
    with fleet(tmp_path / "fleet") as ships:
        sleeper, _ = observer(ships, short), observer(ships, settings)
        load = asyncio.create_task(emit(bootstrap, topics.scores, events, per_second=200))
        for _ in range(2):
            await wait_for_members(bootstrap, group, 2)
            await asyncio.sleep(1)
            sleeper.pause()
            await wait_for_members(bootstrap, group, 1)
            await asyncio.sleep(1)
            sleeper.resume()
        await load
        wanted = expected(events)
        await wait_for(bootstrap, topics.quality, wanted, lambda: len(ships.running()) == 2)
        dead = ships.running()
        for service in dead:
            service.kill()
        await bury(bootstrap, group, *dead)
        # What it wrote late must not have spoilt the saved state either: whoever starts from it
        # publishes every live window again.
        observer(ships, settings)
        await wait_for_members(bootstrap, group, 1)
        await emit(bootstrap, topics.scores, again, per_second=300)
        wanted = expected([*events, *again])
        await wait_for(bootstrap, topics.quality, wanted, lambda: len(ships.running()) == 1)
    assert went_back(await windows_of(bootstrap, topics.quality)) == []


async def test_windows_are_exact_over_a_broker_that_is_killed(
    own_kafka: KafkaBroker, tmp_path: Path
) -> None:
    """The broker gone for seconds and back: the same observer goes on and every window is exact."""
    names, bootstrap = unique_names(), own_kafka.bootstrap
    await make_topics(bootstrap, all_names(names))
    settings = settings_for(bootstrap, names, tmp_path)
    settings.kafka.request_timeout_ms = 8_000
    events = emissions(random.Random(SEED + 3), 2_000, minutes=8)
    with fleet(tmp_path / "fleet") as ships:
        observer(ships, settings)
        load = asyncio.create_task(emit(bootstrap, names.scores, events, per_second=150))
        await asyncio.sleep(6)
        await asyncio.to_thread(own_kafka.kill)
        await asyncio.sleep(2)
        await asyncio.to_thread(own_kafka.start)
        await load
        await wait_for(bootstrap, names.quality, expected(events), lambda: bool(ships.running()))
