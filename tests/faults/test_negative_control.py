"""The checker finds out a worker that commits past a record in work."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.support.checker import violations
from tests.support.load import produce, single
from tests.support.reader import OffsetSampler, observe, wait_until_committed
from tests.support.services import bury, fleet, wait_for_members

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4101


async def test_a_worker_that_commits_past_a_record_in_flight_fails_the_checker(
    settings: Settings, tmp_path: Path
) -> None:
    """Killed with a slow record in work it loses it: I4 shows it at once, I1 at the end."""
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    # This worker ends where it stands still for longer.
    settings.kafka.session_timeout_ms = 60_000
    bootstrap, topics, group = (
        settings.kafka.bootstrap_servers,
        settings.topics,
        settings.scorer.group_id,
    )
    records = [single(chance, f"r{number}") for number in range(200)]
    later = [single(chance, f"later{number}") for number in range(40)]
    with fleet(tmp_path / "fleet") as ships:
        async with OffsetSampler(bootstrap, group, topics).watching() as sampler:
            worker = ships.start("tests.support.overtaking_worker", settings, "600")
            await wait_for_members(bootstrap, group, 1)
            await produce(bootstrap, topics.results, records)
            await wait_until_committed(bootstrap, group, topics.results)
            worker.kill()
            await bury(bootstrap, group, worker)
            # Its successor gets what comes now, and never what the first one had in work.
            ships.start("tests.support.overtaking_worker", settings, "0")
            await produce(bootstrap, topics.results, later)
            await wait_until_committed(bootstrap, group, topics.results)
        run = await observe(bootstrap, topics, group, sampler.samples)
    found = violations(run)
    assert {violation.invariant for violation in found} == {"I1", "I4"}
    done = {event.source for event in run.scored}
    slow = [source for record in run.inputs if record.offset == 0 for source, _ in record.sources()]
    assert slow
    assert done.isdisjoint(slow)
