"""Fixtures that every folder of tests shares: a real Kafka and PostgreSQL, topics, settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
import structlog

from plimsoll.settings.indexer import IndexerSettings
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.observer import ObserverSettings
from plimsoll.settings.query import QuerySettings
from plimsoll.settings.scorer import ScorerSettings
from plimsoll.settings.store import StoreSettings
from plimsoll.settings.topics import TopicNames
from tests.support.kafka import UNKILLED_MS, GivenBroker, KafkaBroker, given_broker
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer, temporary_directory
from tests.support.real_parts import PartMissingError
from tests.support.topics import all_names, delete_topics, make_topics, unique_names

# Laws are searched without a clock: a loaded machine must not fail them.
hypothesis.settings.register_profile(
    "without_clock", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("without_clock")

# Folders whose files take longest: where processes share the suite they come first, so that none is
# left alone with one of them at the end.
LONGEST = ("faults", "properties", "integration", "helm")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Orders files for processes that share them; within a file nothing is moved."""
    if hasattr(config, "workerinput"):
        items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)


@pytest.fixture(autouse=True)
def loggers_find_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """No logger stays tied to what some test has configured: tests listen to them in any order."""
    configure = structlog.configure

    def without_memory(**given: Any) -> None:
        configure(**{**given, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", without_memory)


def start(broker: KafkaBroker) -> None:
    """Starts a broker; a machine without its parts fails the test, with instructions."""
    try:
        broker.start()
    except PartMissingError as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker | GivenBroker]:
    """The broker that tests share and leave alone: the one given, or one of our own."""
    given = given_broker()
    if given is not None:
        yield given
        return
    broker = KafkaBroker(tmp_path_factory.mktemp("kafka"), session_ms=UNKILLED_MS)
    start(broker)
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server of this test process, made when the first test asks for it."""
    directory = temporary_directory()
    try:
        server = PostgresServer(directory)
    except PartMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[KafkaBroker]:
    """A broker of the test's own, that it may kill."""
    broker = KafkaBroker(tmp_path / "own-kafka")
    start(broker)
    yield broker
    if broker.process is not None:
        broker.kill()


@pytest.fixture
async def topics(kafka: KafkaBroker | GivenBroker) -> AsyncIterator[TopicNames]:
    """Six fresh topics of four partitions, each with its leader."""
    names = unique_names()
    await make_topics(kafka.bootstrap, all_names(names))
    yield names
    await delete_topics(kafka.bootstrap, all_names(names))


def settings_for(bootstrap: str, topics: TopicNames, directory: Path) -> Settings:
    """Settings of a deployment that shares nothing with another but the broker."""
    suffix = uuid4().hex[:10]
    return Settings(
        # A member that stands still for less keeps its partitions; tests that kill set their own.
        kafka=KafkaSettings(bootstrap_servers=bootstrap, session_timeout_ms=30_000),
        topics=topics,
        scorer=ScorerSettings(group_id=f"scorer-{suffix}"),
        indexer=IndexerSettings(group_id=f"indexer-{suffix}"),
        query=QuerySettings(listen=f"127.0.0.1:{free_port()}"),
        observer=ObserverSettings(app_id=f"observer-{suffix}"),
        store=StoreSettings(path=directory / "store.db", busy_timeout_ms=120_000),
    )


@pytest.fixture
def settings(kafka: KafkaBroker | GivenBroker, topics: TopicNames, tmp_path: Path) -> Settings:
    """Settings for the shared broker, these topics, and a store in a temporary folder."""
    return settings_for(kafka.bootstrap, topics, tmp_path)
