"""Producers and readers at work while something happens to a release, and what has to hold."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from plimsoll.adapters.rpc.answers import ConfidenceRecord
from plimsoll.domain.errors import PlimsollError
from plimsoll.sdk.client import Plimsoll
from plimsoll.sdk.found import Missing
from plimsoll.settings.model import load_settings
from plimsoll.settings.topics import TopicNames
from tests.cluster.node import ClusterError
from tests.cluster.release import Release
from tests.faults.scene import assert_sound
from tests.support.checker import Sample
from tests.support.load import producing, single
from tests.support.reader import (
    OffsetSampler,
    committed_of,
    ends_of,
    observe,
    wait_until_committed,
)

GROUP = "plimsoll-scorer"
TENANT = "acme"
TOPICS = TopicNames()
PAUSE_S = 0.05
# As long as one call may wait; what is not there then is asked for again.
ONE_WAIT = timedelta(seconds=60)
WAITS = 5
# As many as the service answers in one call.
AT_ONCE = 100
# A look-up fails by an answer, or by none at all: not because the machine is slow.
LOOKUP_TIMEOUT_S = 60.0


@dataclass
class Traffic:
    """What was published, and how look-ups went, while the block ran."""

    bootstrap: str
    release: Release
    prefix: str
    published: list[str] = field(default_factory=list)
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    samples: Sequence[Sample] = ()

    async def publish(self) -> None:
        """A result every now and then, until it is cancelled."""
        chance = random.Random(self.prefix)
        async with producing(self.bootstrap) as producer:
            while True:
                name = f"{self.prefix}-{len(self.published):06d}"
                record = single(chance, name, TENANT)
                await producer.send_and_wait(
                    TOPICS.results, record.value, key=record.key, headers=record.all_headers()
                )
                self.published.append(name)
                await asyncio.sleep(PAUSE_S)

    async def look_up(self) -> None:
        """Asks for what was published, as a client does, until it is cancelled."""
        chance = random.Random(self.prefix)
        async with patient_client(self.release) as plimsoll:
            while True:
                name = chance.choice(self.published) if self.published else "nothing"
                try:
                    await plimsoll.get(name, tenant=TENANT)
                except PlimsollError as error:
                    self.failed.append(f"{name}: {error}")
                else:
                    self.answered += 1
                await asyncio.sleep(PAUSE_S)

    async def check(self) -> None:
        """Nothing is lost or doubled on the topics (I1 to I4); all of it is visible."""
        await wait_until_committed(self.bootstrap, GROUP, TOPICS.results)
        assert_sound(await observe(self.bootstrap, TOPICS, GROUP, self.samples))
        async with patient_client(self.release) as plimsoll:
            for start in range(0, len(self.published), AT_ONCE):
                names = self.published[start : start + AT_ONCE]
                found = await plimsoll.batch_get(names, tenant=TENANT)
                late = [
                    name for name, one in zip(names, found, strict=True) if isinstance(one, Missing)
                ]
                waited = [await looked_up(plimsoll, name) for name in late]
                assert [one for one in waited if isinstance(one, Missing)] == []


def patient_client(release: Release) -> Plimsoll:
    """A client of the release's query Service."""
    settings = load_settings()
    sdk = settings.sdk.model_copy(update={"lookup_timeout_s": LOOKUP_TIMEOUT_S})
    return Plimsoll(
        query=release.query_address(), settings=settings.model_copy(update={"sdk": sdk})
    )


async def looked_up(plimsoll: Plimsoll, result_id: str) -> ConfidenceRecord | Missing:
    """What is known of a result, once anything is; Missing where that takes minutes."""
    for _ in range(WAITS):
        found = await plimsoll.get(result_id, tenant=TENANT, wait=ONE_WAIT)
        if not isinstance(found, Missing):
            break
    return found


@asynccontextmanager
async def traffic(bootstrap: str, release: Release, prefix: str) -> AsyncIterator[Traffic]:
    """Publishes and looks up, and watches offsets, while the block runs."""
    one = Traffic(bootstrap, release, prefix)
    sampler = OffsetSampler(bootstrap, GROUP, TOPICS)
    async with sampler.watching():
        work = [asyncio.ensure_future(one.publish()), asyncio.ensure_future(one.look_up())]
        try:
            await until(lambda: one.answered > 10, "traffic")
            yield one
            for task in work:
                assert not task.done(), task.exception()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
    one.samples = sampler.samples


async def lag(bootstrap: str) -> int:
    """How many results the scorers' group has not committed yet."""
    ends = await ends_of(bootstrap, TOPICS.results)
    committed = await committed_of(bootstrap, GROUP)
    return sum(end - committed.get(partition, 0) for partition, end in ends.items())


async def until(done: Callable[[], bool], what: str, deadline_s: float = 600.0) -> None:
    """Returns when `done()` is true; fails where it is not in time.

    A cluster that cannot be asked just then is asked again.
    """
    deadline = time.monotonic() + deadline_s
    said = ""
    while True:
        try:
            if await asyncio.to_thread(done):
                return
        except ClusterError as error:
            said = str(error)
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about in {deadline_s:.0f} s. {said}")
        await asyncio.sleep(0.5)
