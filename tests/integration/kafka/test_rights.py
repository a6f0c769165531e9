"""Each component works with a certificate of its own and the least rights, and with no others."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError
from cryptography import x509

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.faust.stream import changelog_topic
from plimsoll.adapters.kafka.admin import KafkaAdmin, TopicSpec
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.adapters.kafka.security import security_arguments
from plimsoll.cli.checks import online_findings
from plimsoll.cli.findings import Finding, Health
from plimsoll.cli.topics import State, compare_topics
from plimsoll.domain.errors import FatalError, PlimsollError, RetryableError
from plimsoll.domain.feedback import Feedback, FeedbackSource
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition as Partition
from plimsoll.observer.app import run_observer
from plimsoll.observer.topics import prepare_topics
from plimsoll.resilience.patience import keep_trying
from plimsoll.settings.kafka import KafkaSettings, SecurityProtocol
from plimsoll.settings.kafka_rights import Resource, Right, kafka_rights
from plimsoll.settings.model import Settings
from plimsoll.settings.query import QuerySettings
from plimsoll.settings.store import StoreSettings
from plimsoll.settings.topics import TopicNames
from tests.conftest import start
from tests.support.asking import patient_client
from tests.support.certificates import Authority
from tests.support.kafka import UNKILLED_MS, KafkaBroker, Tls
from tests.support.load import Outgoing, produce, single
from tests.support.observed import Emission, emit
from tests.support.ports import free_port
from tests.support.reader import ends_of, read_topic, wait_until_committed
from tests.support.rights import grant
from tests.support.scored_events import scored_event
from tests.support.services import PROGRAM, Fleet, fleet
from tests.support.store_reader import wait_until_projected
from tests.support.topics import all_names, make_topics

pytestmark = pytest.mark.kafka

SERVICES = ("scorer", "indexer", "query", "observer")
COMPONENTS = (*SERVICES, "jobs")


@dataclass(frozen=True, slots=True)
class Guarded:
    """A broker that asks for certificates, and settings for each component by its own."""

    broker: KafkaBroker
    settings: Mapping[str, Settings]

    @property
    def topics(self) -> TopicNames:
        """Those of everybody."""
        return self.settings["scorer"].topics


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A broker where each component has the rights that the table gives it, and no others."""
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority(folder)
    shown = authority.sign("broker", x509.DNSName("localhost"))
    keystore = folder / "keystore.pem"
    keystore.write_bytes(shown.keyfile.read_bytes() + shown.certfile.read_bytes())
    tls = Tls(keystore, authority.cafile)
    broker = KafkaBroker(folder / "kafka", tls=tls, session_ms=UNKILLED_MS)
    start(broker)
    listen = f"127.0.0.1:{free_port()}"
    settings = {}
    for component in COMPONENTS:
        files = authority.sign(component)
        settings[component] = Settings(
            kafka=KafkaSettings(
                bootstrap_servers=broker.tls_bootstrap,
                security_protocol=SecurityProtocol.SSL,
                ssl_cafile=authority.cafile,
                ssl_certfile=files.certfile,
                ssl_keyfile=files.keyfile,
                session_timeout_ms=60_000,
            ),
            store=StoreSettings(path=folder / "store.db", busy_timeout_ms=120_000),
            query=QuerySettings(listen=listen),
        )
    yield Guarded(broker, settings)
    broker.stop()


@pytest.fixture
async def granted(guarded: Guarded) -> Guarded:
    """The same, with topics and rights on it."""
    names = all_names(guarded.topics)
    there = {name for name in names if await _exists(guarded.broker.bootstrap, name)}
    if not there:
        await make_topics(guarded.broker.bootstrap, names, partitions=2)
        for component, settings in guarded.settings.items():
            rights = kafka_rights(settings)[component]
            await grant(guarded.broker.bootstrap, f"User:CN={component}", rights)
    return guarded


@pytest.fixture
def ships(tmp_path: Path) -> Iterator[Fleet]:
    """Processes that end with the test."""
    with fleet(tmp_path / "fleet") as one:
        yield one


async def _exists(bootstrap: str, topic: str) -> bool:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return topic in await consumer.topics()
    finally:
        await consumer.stop()


async def test_the_least_rights_suffice(granted: Guarded, ships: Fleet) -> None:
    """Results are scored, poison parked, scores projected, observed, looked up and learned of."""
    plain, topics = granted.broker.bootstrap, granted.topics
    for component in SERVICES:
        ships.start(PROGRAM, granted.settings[component], component)
    await ships.all_ready()
    chance = random.Random(7)
    results = [single(chance, f"r{number}") for number in range(20)]
    await produce(plain, topics.results, [*results, Outgoing(b"poison", b"\x00poison", (None,))])
    group = granted.settings["scorer"].scorer.group_id
    await wait_until_committed(plain, group, topics.results)
    for topic in (topics.scores, topics.dead_letters):
        await wait_until_projected(
            granted.settings["query"].store.path, await ends_of(plain, topic)
        )
    async with patient_client(granted.settings["query"].query.listen) as client:
        found = await client.batch_get("acme", [f"r{number}" for number in range(20)])
        assert [one.scored.key.result_id for one in found if hasattr(one, "scored")] == [
            f"r{number}" for number in range(20)
        ]
        label = Feedback("", ResultKey("acme", "r0"), True, FeedbackSource.HUMAN, audit=True)
        assert (await client.submit_feedback(label)).position.topic == topics.feedback
    assert len(await read_topic(plain, topics.dead_letters)) == 1
    for topic in (topics.quality, topics.calibrations):
        while not await read_topic(plain, topic):
            assert all(service.alive for service in ships.services)
            await asyncio.sleep(0.2)


async def test_nobody_may_do_more(granted: Guarded) -> None:
    """On every topic each component can read and write what the table says, and nothing else."""
    found, wanted = set(), set()
    plain = KafkaSettings(bootstrap_servers=granted.broker.bootstrap)
    async with _producing(plain) as producer:
        for topic in all_names(granted.topics):
            # Who may read has something to read.
            await producer.send_and_wait(topic, b"\x00", partition=0)
    for component, settings in granted.settings.items():
        rights = {right.name: right.operations for right in kafka_rights(settings)[component]}
        async with _producing(settings.kafka) as producer:
            visible = await _visible(settings.kafka)
            for topic in all_names(granted.topics):
                allowed = {"Read", "Write"} & set(rights.get(topic, ()))
                wanted |= {(component, op, topic) for op in allowed}
                # A right to read or write shows a topic: what is not shown can be neither.
                if topic not in visible:
                    continue
                if await _may_write(producer, topic):
                    found.add((component, "Write", topic))
                if await _may_read(settings.kafka, topic):
                    found.add((component, "Read", topic))
    assert found == wanted
    assert {topic for name, op, topic in found if (name, op) == ("query", "Write")} == {
        granted.topics.feedback
    }


async def test_a_topic_that_may_not_be_seen_is_not_taken_for_one_that_is_not_there(
    granted: Guarded,
) -> None:
    """Who lacks a right to a topic or group is told which; only where there is none, that."""
    topics, settings = granted.topics, granted.settings
    with pytest.raises(FatalError, match=rf"{topics.erasures}.*plimsoll topics rights"):
        await _partitions(settings["query"].kafka, topics.erasures)
    for component, what in (("query", topics.scores), ("indexer", "group no-group-of-ours")):
        preparing = partial(prepare_topics, settings[component], "no-group-of-ours")
        with pytest.raises(FatalError, match=rf"{what}.*plimsoll topics rights"):
            await keep_trying(preparing, SystemClock(), lambda _: None)
    plain = KafkaSettings(bootstrap_servers=granted.broker.bootstrap)
    assert await _partitions(plain, "not-there") == []
    assert await _partitions(plain, topics.erasures)


async def _partitions(settings: KafkaSettings, topic: str) -> Sequence[Partition]:
    """Those of a topic; a machine that stands still is waited for."""

    async def read() -> Sequence[Partition]:
        async with KafkaReader(settings) as reader:
            return await reader.partitions(topic)

    return await keep_trying(read, SystemClock(), lambda _: None)


async def test_a_check_with_the_rights_of_a_component(granted: Guarded) -> None:
    """Topics and groups that it may not see are no failures and never called missing."""
    settings, quality = granted.settings["indexer"], granted.topics.quality

    async def look() -> dict[str, Finding]:
        said: dict[str, Finding] = {}
        async with aclosing(online_findings(settings, settings.query.listen)) as findings:
            async for one in findings:
                said[one.check] = one
                if one.check in ("promises", "store"):
                    break
        found = said["broker"]
        if found.health is Health.FAILED and "topics rights" not in found.found:
            # A machine that stands still is waited for.
            raise RetryableError(found.found)
        return said

    said = await keep_trying(look, SystemClock(), lambda _: None)
    assert said["broker"].health is Health.OK
    assert said[f"topic {quality}"].health is Health.NOTE
    assert not [one for one in said.values() if "topics apply" in one.remedy]
    assert said["scorers"].health is Health.NOTE
    assert "topics rights" in said["scorers"].found


async def test_a_hidden_topic_is_told_from_a_missing_one(granted: Guarded) -> None:
    """By who may not see it, and by who sees that there is none."""
    topics = granted.topics.model_copy(update={"calibrations": "not-there"})
    states = {}
    everybody = KafkaSettings(bootstrap_servers=granted.broker.bootstrap)
    for who, kafka in (("indexer", granted.settings["indexer"].kafka), ("all", everybody)):
        comparing = partial(_states, kafka, topics)
        states[who] = await keep_trying(comparing, SystemClock(), lambda _: None)
    ours, all_of_them = states["indexer"], states["all"]
    assert (ours[topics.quality], ours["not-there"]) == (State.HIDDEN, State.HIDDEN)
    assert all_of_them["not-there"] is State.MISSING
    assert all_of_them[topics.quality] not in (State.HIDDEN, State.MISSING)


async def _states(kafka: KafkaSettings, topics: TopicNames) -> dict[str, State]:
    async with KafkaAdmin(kafka) as admin:
        return {one.name: one.state for one in await compare_topics(admin, topics)}


async def test_an_observer_that_may_not_save_ends(granted: Guarded) -> None:
    """Where it may make and read its changelog but not write it, it names topic and remedy."""
    settings = granted.settings["indexer"].model_copy(deep=True)
    app_id = settings.observer.app_id = "may-not-save"
    topic = changelog_topic(app_id)
    rights = (
        Right(Resource.TOPIC, topic, ("Create", "Describe", "DescribeConfigs", "Read")),
        Right(Resource.GROUP, app_id, ("Read",)),
    )
    await grant(granted.broker.bootstrap, "User:CN=indexer", rights)
    events = [Emission(scored_event("r", 0), 0)]
    await emit(granted.broker.bootstrap, granted.topics.scores, events, 1_000)
    async with asyncio.timeout(600):
        with pytest.raises(FatalError, match=rf"{topic}.*plimsoll topics rights"):
            await run_observer(settings)


async def test_jobs_make_topics_and_look(granted: Guarded) -> None:
    """They see every topic with its configuration, and every group, and make no other topic."""
    settings = granted.settings["jobs"]
    async with KafkaAdmin(settings.kafka) as admin:
        names = set(all_names(granted.topics))
        assert names <= {facts.name for facts in await admin.describe()}
        for name in names:
            assert "cleanup.policy" in await admin.configs(name)
        assert await admin.create([TopicSpec(name, 2) for name in names]) == []
        for name in (settings.scorer.group_id, settings.indexer.group_id):
            assert await admin.members(name) >= 0
        with pytest.raises(PlimsollError, match="TopicAuthorizationFailed"):
            await admin.create([TopicSpec("not-ours", 1)])


@asynccontextmanager
async def _producing(settings: KafkaSettings) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, **security_arguments(settings)
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def _consuming(settings: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers, **security_arguments(settings)
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _may_write(producer: AIOKafkaProducer, topic: str) -> bool:
    try:
        await producer.send_and_wait(topic, b"\x00")
    except TopicAuthorizationFailedError:
        return False
    return True


async def _visible(settings: KafkaSettings) -> frozenset[str]:
    async with _consuming(settings) as consumer:
        return frozenset(await consumer.topics())


async def _may_read(settings: KafkaSettings, topic: str) -> bool:
    tp = TopicPartition(topic, 0)
    async with _consuming(settings) as consumer:
        consumer.assign([tp])
        # Offsets are shown to whoever may describe; records only to whoever may read.
        consumer.seek(tp, 0)
        try:
            got = await consumer.getmany(tp, timeout_ms=120_000)
        except TopicAuthorizationFailedError:
            return False
    assert got, f"neither a record of {topic} came nor a refusal"
    return True
