"""From labels to promises on a real Kafka, and promises taken back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.embedded.broker import EmbeddedBroker
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.feedback import Feedback, FeedbackSource
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import LearnedScope
from plimsoll.domain.record import OutRecord
from plimsoll.indexer.app import run_indexer
from plimsoll.observer.learning import LabelFollower
from plimsoll.query.app import run_query
from plimsoll.settings.model import Settings
from plimsoll.wire.feedback import encode_feedback
from plimsoll.wire.learned import decode_learned, encode_learned
from plimsoll.wire.scored import encode_scored
from tests.conftest import settings_for
from tests.integration.test_indexer import cancelled, started
from tests.integration.test_observer import observing
from tests.support.asking import patient_client
from tests.support.counting_telemetry import Figures
from tests.support.observed import emissions, emit, expected, wait_for
from tests.support.scored_events import MAX_BYTES, scored_event
from tests.support.topics import all_names, delete_topics, make_topics, unique_names
from tests.unit.calibration.learning.values import folded, label, placed
from tests.unit.calibration.learning.values import learned as value_of

pytestmark = pytest.mark.kafka

RATE = 0.2
# So many right labels bear a promise of 0.2 out, and so many wrong ones after them do not.
RIGHT = [label(number, True) for number in range(50)]
WRONG = [label(number, False) for number in range(100, 130)]
DEADLINE_S = 300.0


async def send(settings: Settings, records: Iterable[OutRecord]) -> None:
    """Returns when the brokers have them."""
    producer = KafkaLogProducer(settings.kafka)
    await producer.start()
    try:
        for sent in [await producer.send(record) for record in records]:
            await sent
    finally:
        await producer.stop()


async def send_labels(settings: Settings, labels: Iterable[Feedback]) -> None:
    """As the query service sends them."""
    await send(settings, [encode_feedback(one, settings.topics.feedback) for one in labels])


async def learned(
    settings: Settings, done: Callable[[LearnedScope], bool], observer: asyncio.Task[None]
) -> LearnedScope:
    """The last record of the one scope there is, once it is as wanted."""
    topic = settings.topics.calibrations
    last: LearnedScope | None = None
    async with KafkaReader(settings.kafka) as reader, asyncio.timeout(DEADLINE_S):
        async for records in reader.follow(await reader.partitions(topic)):
            assert not observer.done()
            for record in records:
                last = decode_learned(record.value or b"")
            if last is not None and done(last):
                return last
    raise AssertionError(f"the last record is {last}")


def of(labels: int) -> Callable[[LearnedScope], bool]:
    """Whether so many results with labels were learned of."""
    return lambda scope: scope.labels == labels


async def labelled(settings: Settings, labels: Sequence[tuple[str, bool]]) -> None:
    """Through the query service, as the labels of an audit."""
    async with patient_client(settings.query.listen) as client:
        for result_id, right in labels:
            key = ResultKey("acme", result_id)
            await client.get(key, wait=timedelta(seconds=DEADLINE_S))
            await client.submit_feedback(Feedback("", key, right, FeedbackSource.HUMAN, audit=True))


def learned_of(labels: Iterable[Feedback]) -> LearnedScope:
    """What comes of these labels by themselves."""
    learning = Learning(LearningRules())
    folded(learning, placed(labels))
    return value_of(learning)


async def said(logs: Sequence[Mapping[str, object]], event: str) -> str:
    """The error that was logged with that event, once there is one."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            for one in logs:
                if one["event"] == event:
                    return str(one["error"])
            await asyncio.sleep(0.1)


async def test_from_labels_to_a_promise_and_back(settings: Settings) -> None:
    """Scores are looked up and labelled; the observer promises, and takes the promise back."""
    settings.observer.promises = [RATE]
    settings.query.max_wait_s = DEADLINE_S
    ids = [f"r-{number}" for number in range(80)]
    events = [scored_event(one, 0, point=0.9, tenant="acme") for one in ids]
    based = [replace(one, confidence=replace(one.confidence, basis="b" * 16)) for one in events]
    await send(settings, [encode_scored(one, settings.topics.scores, MAX_BYTES) for one in based])
    indexer, query = await started(run_indexer, settings), await started(run_query, settings)
    try:
        async with observing(settings) as observer:
            await labelled(settings, [(one, True) for one in ids[:50]])
            made = await learned(settings, of(50), observer)
            [certificate] = made.certificates
            assert (str(made.key), certificate.error_rate) == (f"acme/open_qa/{'b' * 16}", RATE)
            assert certificate.revoke_time is None
            assert set(made.state.cursor) == {0, 1, 2, 3}
            await labelled(settings, [(one, False) for one in ids[50:]])
            [revoked, *_] = (await learned(settings, of(80), observer)).certificates
            assert revoked.certificate_id == certificate.certificate_id
            assert revoked.revoke_time is not None
    finally:
        await cancelled(query, indexer)


async def test_a_second_life_goes_on_where_the_first_one_ended(settings: Settings) -> None:
    """It publishes nothing of what is known, and its first record has all labels behind it."""
    settings.observer.promises = [RATE]
    await send_labels(settings, RIGHT)
    async with observing(settings) as observer:
        first = await learned(settings, of(50), observer)
    await send_labels(settings, WRONG)
    async with observing(settings) as observer:
        second = await learned(settings, of(80), observer)
    assert second.certificates[0].certificate_id == first.certificates[0].certificate_id
    assert second.certificates[0].revoke_time is not None


async def test_windows_wait_for_no_topic_of_what_is_learned(settings: Settings) -> None:
    """Where that is missing, windows are published and the log says what to do; later it learns."""
    settings.topics.calibrations = unique_names().calibrations
    events = emissions(random.Random(1871), 60, minutes=2)
    bootstrap, topics = settings.kafka.bootstrap_servers, settings.topics
    await emit(bootstrap, topics.scores, events, 10_000)
    await send_labels(settings, RIGHT)
    with capture_logs() as logs:
        async with observing(settings) as observer:
            await wait_for(bootstrap, topics.quality, expected(events), lambda: not observer.done())
            assert "plimsoll topics apply" in await said(logs, "observer.learner.waits")
            await make_topics(bootstrap, [topics.calibrations], partitions=1)
            await learned(settings, of(50), observer)
    await delete_topics(bootstrap, [topics.calibrations])


async def test_windows_outlive_a_learner_that_fails(settings: Settings) -> None:
    """More was learned of than there are labels: the log says so, and windows are published."""
    events = emissions(random.Random(1871), 60, minutes=2)
    bootstrap, topics = settings.kafka.bootstrap_servers, settings.topics
    await send(settings, [encode_learned(learned_of(RIGHT), topics.calibrations)])
    await emit(bootstrap, topics.scores, events, 10_000)
    with capture_logs() as logs:
        async with observing(settings) as observer:
            assert "made anew" in await said(logs, "observer.learner.failed")
            await wait_for(bootstrap, topics.quality, expected(events), lambda: not observer.done())


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """The broker in memory."""
    broker = EmbeddedBroker(tmp_path / "broker.log")
    broker.start()
    yield broker
    broker.stop()


@asynccontextmanager
async def following(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """A learner by itself, that leads because nobody else is there."""
    follower = LabelFollower(settings, SystemClock(), Figures(), leads=lambda: True)
    running = asyncio.create_task(follower.run())
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_the_broker_in_memory_is_enough(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    """There, too, labels make promises, as they come and after the learner begins anew."""
    settings = settings_for(embedded.bootstrap, unique_names(), tmp_path)
    settings.kafka.enable_idempotence = False
    await make_topics(embedded.bootstrap, all_names(settings.topics))
    await send_labels(settings, RIGHT[:20])
    async with following(settings) as learner:
        await learned(settings, of(20), learner)
        await send_labels(settings, RIGHT[20:])
        made = await learned(settings, of(50), learner)
    assert {one.error_rate for one in made.certificates} == {0.1, 0.2}
    await send_labels(settings, WRONG)
    async with following(settings) as learner:
        again = await learned(settings, of(80), learner)
    assert all(one.revoke_time is not None for one in again.certificates)
