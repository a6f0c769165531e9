"""Subscriptions on a real Kafka: groups, restarts, and members that come and go."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.record import OutRecord
from plimsoll.sdk import Plimsoll, ResultKey
from plimsoll.settings.model import Settings
from plimsoll.wire.scored import encode_scored
from tests.unit.sdk.values import scored

# Longer than a machine stands still: an end that comes too early loses an event.
IDLE = timedelta(seconds=15)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A member that leaves without a word is out before the others give up waiting."""
    settings.kafka.session_timeout_ms = 10_000
    return settings


def event(settings: Settings, number: int, *, lower: float = 0.8) -> OutRecord:
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


async def test_an_ephemeral_subscription_sees_what_comes_after_it(
    settings: Settings, plimsoll: Plimsoll
) -> None:
    """It begins at the end of every partition, and filters by the events' headers."""
    await publish(settings, event(settings, 0))
    async with plimsoll.subscribe(min_lower_bound=0.7, stop_when_idle=IDLE) as stream:
        await publish(
            settings, event(settings, 1), event(settings, 1), event(settings, 2, lower=0.5)
        )
        assert [seen.key.result_id async for seen in stream] == ["r-1"]
        assert (stream.stats.filtered, stream.stats.duplicate) == (1, 1)


async def test_a_group_goes_on_after_a_reader_that_failed(
    settings: Settings, plimsoll: Plimsoll
) -> None:
    """What the reader had finished does not come again; what it failed on does; nothing is lost."""
    total = 40
    await publish(settings, *(event(settings, number) for number in range(total)))
    seen: Counter[str] = Counter()

    async def read(fail_after: int) -> None:
        async with plimsoll.subscribe(
            group_id="readers", start="beginning", stop_when_idle=IDLE
        ) as stream:
            async for got in stream:
                if sum(seen.values()) == fail_after:
                    raise LookupError(got.key.result_id)
                seen[got.key.result_id] += 1

    with pytest.raises(LookupError) as failure:
        await read(fail_after=17)
    assert str(failure.value) not in seen
    await read(fail_after=-1)
    assert seen == Counter({f"r-{number}": 1 for number in range(total)})


async def test_members_share_the_work_and_lose_nothing_when_one_leaves(settings: Settings) -> None:
    """With a member that joins and leaves in the middle, every event is dealt with by somebody."""
    total = 200
    seen: Counter[str] = Counter()

    async def read(limit: int) -> None:
        async with (
            Plimsoll(settings=settings) as client,
            client.subscribe(group_id="shared", start="beginning", stop_when_idle=IDLE) as stream,
        ):
            async for got in stream:
                seen[got.key.result_id] += 1
                await asyncio.sleep(0.01)
                limit -= 1
                if limit == 0:
                    stream.ack(got)
                    return

    await publish(settings, *(event(settings, number) for number in range(total)))
    steady = asyncio.create_task(read(limit=-1))
    passing = asyncio.create_task(read(limit=20))
    await passing
    await steady
    assert set(seen) == {f"r-{number}" for number in range(total)}
