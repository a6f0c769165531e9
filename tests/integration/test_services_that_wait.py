"""Services whose brokers or stores are away: one word is enough to end them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.indexer.app import run_indexer
from plimsoll.observer.app import run_observer
from plimsoll.query.app import run_query
from plimsoll.scorer.app import run_scorer
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import ScorePostgresSettings, StoreKind
from plimsoll.settings.store import StoreSettings
from plimsoll.settings.topics import TopicNames
from plimsoll.wire.erasures import encode_order
from tests.conftest import settings_for
from tests.integration.test_erasures import order, publish
from tests.support.bedrock import QWEN
from tests.support.judged import PANEL, PLAN
from tests.support.ports import closed_port
from tests.support.sealed import keys_file

DEADLINE_S = 300
FOR_EVER_S = 3_600


async def test_an_indexer_that_waits_for_brokers_ends_when_it_is_told(tmp_path: Path) -> None:
    """It reads what to erase before it projects; SIGTERM ends that wait, too."""
    with closed_port() as port:
        settings = settings_for(f"127.0.0.1:{port}", TopicNames(), tmp_path)
        await _ends_after("indexer.erasures.wait", run_indexer(settings))


async def test_an_indexer_that_waits_for_its_store_ends_when_it_is_told(tmp_path: Path) -> None:
    """It tries to reach the database for as long as that takes, or until SIGTERM."""
    with closed_port() as port:
        await _ends_after("store.waits", run_indexer(_with_store(port, tmp_path)))


async def test_a_query_service_that_waits_for_its_store_ends_when_it_is_told(
    tmp_path: Path,
) -> None:
    """It waits as the indexer does."""
    with closed_port() as port:
        await _ends_after("store.waits", run_query(_with_store(port, tmp_path)))


async def test_services_that_wait_for_keys_of_evidence_end_when_they_are_told(
    tmp_path: Path,
) -> None:
    """The scorer that seals and the query service that opens wait alike."""
    for run in (run_scorer, run_query):
        with closed_port() as port:
            await _ends_after("store.waits", run(_with_keys(port, tmp_path)))


async def test_a_scorer_that_waits_for_what_judges_said_ends_when_it_is_told(
    tmp_path: Path,
) -> None:
    """Where its plan asks judges it does not score before their store is there."""
    with closed_port() as port:
        await _ends_after("store.waits", run_scorer(_with_judges(port, tmp_path)))


@pytest.mark.kafka
async def test_an_indexer_that_waits_for_keys_of_evidence_ends_when_it_is_told(
    settings: Settings, tmp_path: Path
) -> None:
    """With an order to erase on the topic it projects nothing before it can destroy keys."""
    given = order("e1", Erasure("default", Erased.RESULT, "a1"))
    await publish(settings, encode_order(given, settings.topics.erasures))
    with closed_port() as port:
        evidence = _with_keys(port, tmp_path).evidence
        waiting = settings.model_copy(update={"evidence": evidence})
        await _ends_after("indexer.erasures.wait", run_indexer(waiting))


async def test_a_scorer_that_waits_for_brokers_ends_when_it_is_told(tmp_path: Path) -> None:
    """Before it has joined its group there is nothing to drain."""
    with closed_port() as port:
        settings = settings_for(f"127.0.0.1:{port}", TopicNames(), tmp_path)
        await _ends_after("loop.waits", run_scorer(settings))


async def test_a_query_service_whose_store_is_silent_ends_when_it_is_told(tmp_path: Path) -> None:
    """SIGTERM is not kept waiting by a database that takes connections and says nothing."""
    async with _silent() as (port, called):
        await _ends_once(called, run_query(_with_store(port, tmp_path)))


async def test_an_observer_whose_broker_is_silent_ends_when_it_is_told(tmp_path: Path) -> None:
    """Nor by a broker that does so."""
    async with _silent() as (port, called):
        settings = settings_for(f"127.0.0.1:{port}", TopicNames(), tmp_path)
        kafka = KafkaSettings(
            bootstrap_servers=f"127.0.0.1:{port}", request_timeout_ms=FOR_EVER_S * 1_000
        )
        await _ends_once(called, run_observer(settings.model_copy(update={"kafka": kafka})))


def _with_store(port: int, folder: Path) -> Settings:
    """Settings with a database at that port, which is waited for without end."""
    postgres = ScorePostgresSettings(
        dsn=_dsn(port),
        connect_timeout_s=FOR_EVER_S,
    )
    settings = settings_for("127.0.0.1:1", TopicNames(), folder)
    store = StoreSettings(kind=StoreKind.POSTGRES, postgres=postgres)
    return settings.model_copy(update={"store": store})


def _with_keys(port: int, folder: Path) -> Settings:
    """Settings that seal, with a database of keys at that port."""
    settings = settings_for("127.0.0.1:1", TopicNames(), folder)
    settings.evidence.keys_file = keys_file(folder / "masters", "m1")
    settings.evidence.store.kind = StoreKind.POSTGRES
    settings.evidence.store.postgres.dsn = _dsn(port)
    return settings


def _with_judges(port: int, folder: Path) -> Settings:
    """Settings that ask a judge, with a database of what judges said at that port."""
    settings = settings_for("127.0.0.1:1", TopicNames(), folder)
    settings.scorer.plan_file = folder / "judged.yaml"
    plan = PLAN.format(panel=PANEL, deadline_s=60, max_hold_s=900)
    settings.scorer.plan_file.write_text(plan, encoding="utf-8")
    settings.bedrock.judges = {"only": QWEN}
    settings.bedrock.region = "us-east-1"
    settings.judges.store.kind = StoreKind.POSTGRES
    settings.judges.store.postgres.dsn = _dsn(port)
    return settings


def _dsn(port: int) -> SecretStr:
    return SecretStr(f"postgresql://plimsoll:load-line@127.0.0.1:{port}/plimsoll")


@asynccontextmanager
async def _silent() -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A port that takes connections and never answers, and whether it was called."""
    called = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], called


async def _ends_after(event: str, running: Coroutine[Any, Any, None]) -> None:
    """A service ends by the first SIGTERM after it has said that it waits."""
    with capture_logs() as told:
        service = asyncio.create_task(running)
        async with asyncio.timeout(DEADLINE_S):
            while not any(one["event"] == event for one in told):
                assert not service.done(), service.exception()
                await asyncio.sleep(0.05)
        await _ends(service)


async def _ends_once(called: asyncio.Event, running: Coroutine[Any, Any, None]) -> None:
    """A service ends by the first SIGTERM after it has connected to what is silent."""
    service = asyncio.create_task(running)
    async with asyncio.timeout(DEADLINE_S):
        await called.wait()
    await _ends(service)


async def _ends(service: asyncio.Task[None]) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(DEADLINE_S):
        await service
