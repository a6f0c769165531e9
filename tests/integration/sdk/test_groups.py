"""Subscriptions on a real Kafka: groups, restarts, and members that come and go."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.record import OutRecord
from plimsoll.sdk import Plimsoll, ResultKey, ScoredEvent, Subscription
from plimsoll.settings.model import Settings
from plimsoll.wire.scored import encode_scored
from tests.unit.sdk.values import scored

PARTITIONS = 4
DEADLINE_S = 300


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A member that stands still for less than a minute keeps its place: nothing comes twice."""
    settings.kafka.session_timeout_ms = 60_000
    return settings


def event(settings: Settings, number: int | str, *, lower: float = 0.8) -> OutRecord:
    """The scored event of result number so-and-so."""
    key = ResultKey("default", f"r-{number}")
    made = scored(key=key, lower=lower, score_id=f"s-{number}")
    return encode_scored(made, settings.topics.scores, 262_144)


async def publish(settings: Settings, *records: OutRecord) -> None:
    """Puts events on the scores topic, as a scorer does."""
    producer = KafkaLogProducer(settings.kafka)
    await producer.start()
    try:
        for sent in [await producer.send(record) for record in records]:
            await sent
    finally:
        await producer.stop()


class Ends:
    """One last event for each partition, and whether a reader has had all of them."""

    def __init__(self) -> None:
        self._missing = {f"r-end-{n}" for n in range(PARTITIONS)}

    def records(self, settings: Settings) -> list[OutRecord]:
        """To be published after everything else."""
        return [event(settings, f"end-{n}")._replace(partition=n) for n in range(PARTITIONS)]

    async def before(self, stream: Subscription) -> AsyncGenerator[ScoredEvent, None]:
        """What comes until no partition has anything left."""
        async for seen in stream:
            if seen.key.result_id not in self._missing:
                yield seen
                continue
            self._missing.discard(seen.key.result_id)
            if not self._missing:
                return


async def test_an_ephemeral_subscription_sees_what_comes_after_it(
    settings: Settings, plimsoll: Plimsoll
) -> None:
    """It begins at the end of every partition, and filters by the events' headers."""
    ends = Ends()
    await publish(settings, event(settings, 0))
    async with plimsoll.subscribe(min_lower_bound=0.7) as stream, asyncio.timeout(DEADLINE_S):
        await publish(
            settings, event(settings, 1), event(settings, 1), event(settings, 2, lower=0.5)
        )
        await publish(settings, *ends.records(settings))
        assert [seen.key.result_id async for seen in ends.before(stream)] == ["r-1"]
        assert (stream.stats.filtered, stream.stats.duplicate) == (1, 1)


async def test_a_group_goes_on_after_a_reader_that_failed(
    settings: Settings, plimsoll: Plimsoll
) -> None:
    """What the reader had finished does not come again; what it failed on does; nothing is lost."""
    total, ends = 40, Ends()
    await publish(settings, *(event(settings, number) for number in range(total)))
    await publish(settings, *ends.records(settings))
    seen: Counter[str] = Counter()

    async def read(fail_after: int) -> None:
        async with (
            plimsoll.subscribe(group_id="readers", start="beginning") as stream,
            aclosing(ends.before(stream)) as events,
        ):
            async for got in events:
                if sum(seen.values()) == fail_after:
                    raise LookupError(got.key.result_id)
                seen[got.key.result_id] += 1

    async with asyncio.timeout(DEADLINE_S):
        with pytest.raises(LookupError) as failure:
            await read(fail_after=17)
        assert str(failure.value) not in seen
        await read(fail_after=-1)
    assert seen == Counter({f"r-{number}": 1 for number in range(total)})


async def test_members_share_the_work_and_lose_nothing_when_one_leaves(settings: Settings) -> None:
    """With a member that joins and leaves in the middle, every event is dealt with by somebody."""
    total = 200
    seen: set[str] = set()
    whole = asyncio.Event()

    async def read(limit: int) -> None:
        async with (
            Plimsoll(settings=settings) as client,
            client.subscribe(group_id="shared", start="beginning") as stream,
        ):
            async for got in stream:
                seen.add(got.key.result_id)
                if len(seen) == total:
                    whole.set()
                await asyncio.sleep(0.01)
                limit -= 1
                if limit == 0:
                    stream.ack(got)
                    return

    await publish(settings, *(event(settings, number) for number in range(total)))
    readers = [asyncio.create_task(read(limit)) for limit in (-1, 20)]
    async with asyncio.timeout(DEADLINE_S):
        await whole.wait()
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    assert seen == {f"r-{number}" for number in range(total)}
