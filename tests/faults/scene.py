"""What every fault test sets up, waits for and holds against the invariants."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from plimsoll.settings.model import Settings
from tests.support.checker import Run, violations
from tests.support.reader import OffsetSampler, ends_of, observe, wait_until_committed
from tests.support.services import Fleet, Service, bury, fleet
from tests.support.store_reader import wait_until_projected


@dataclass
class Scene:
    """A deployment under test: its settings, processes, sampler and source of chance."""

    settings: Settings
    bootstrap: str
    fleet: Fleet
    sampler: OffsetSampler
    chance: random.Random

    @property
    def group(self) -> str:
        """The scorers' group."""
        return self.settings.scorer.group_id

    @property
    def results(self) -> str:
        """The topic that is scored."""
        return self.settings.topics.results

    async def buried(self, *dead: Service) -> None:
        """Returns when the group counts without these."""
        await bury(self.bootstrap, self.group, *dead)

    async def scored(self) -> None:
        """Returns when every result on the topic has been scored and committed."""
        await wait_until_committed(self.bootstrap, self.group, self.results)

    async def settled(self) -> Run:
        """Waits until everything is committed and projected, and reads what is there."""
        topics, store = self.settings.topics, self.settings.store.path
        await self.scored()
        for topic in (topics.scores, topics.dead_letters):
            await wait_until_projected(store, await ends_of(self.bootstrap, topic))
        return await observe(self.bootstrap, topics, self.group, self.sampler.samples, store)

    def committed(self) -> int:
        """How many records the newest sample saw committed."""
        samples = self.sampler.samples
        return sum(samples[-1].committed.values()) if samples else 0


@asynccontextmanager
async def scene(
    settings: Settings, directory: Path, seed: int, bootstrap: str | None = None
) -> AsyncIterator[Scene]:
    """A scene with an indexer and a sampler at work; `bootstrap` is for the test's own clients."""
    print(f"seed {seed}")
    own = bootstrap or settings.kafka.bootstrap_servers
    sampler = OffsetSampler(own, settings.scorer.group_id, settings.topics)
    with fleet(directory / "fleet") as ships:
        ships.indexer(settings)
        async with sampler.watching():
            yield Scene(settings, own, ships, sampler, random.Random(seed))


def assert_sound(run: Run, samples_at_least: int = 10) -> None:
    """I1 to I4 hold, and there was something to hold them against."""
    assert violations(run) == []
    assert run.inputs
    assert run.scored
    assert len(run.samples) >= samples_at_least


def redelivered(run: Run) -> int:
    """Scored events beyond the first of each source."""
    return len(run.scored) - len({event.source for event in run.scored})
