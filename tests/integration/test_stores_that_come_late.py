"""Stores of keys and of judges that are away at a service's start: waited for, or told of."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from pydantic import SecretStr
from structlog.testing import capture_logs

from plimsoll.adapters.clock import SystemClock
from plimsoll.domain.errors import FatalError
from plimsoll.pipeline.starting import when_there
from plimsoll.ports.telemetry import STORE_WAITS
from plimsoll.query.app import run_query
from plimsoll.query.evidence import open_evidence
from plimsoll.scorer.judges import open_askers
from plimsoll.scorer.plans import plan_of
from plimsoll.scorer.seals import open_seals
from plimsoll.settings.evidence import EvidenceSettings
from plimsoll.settings.judges import JudgeStoreSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import StoreKind
from plimsoll.settings.topics import TopicNames
from tests.conftest import settings_for
from tests.contracts.postgres import migrated_judges, migrated_keys
from tests.integration.test_indexer import cancelled
from tests.support.bedrock import QWEN
from tests.support.counting_telemetry import Figures
from tests.support.forwarding import forwarded
from tests.support.judged import PANEL, PLAN
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.sealed import keys_file

DEADLINE_S = 300
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

Opening = Callable[[Settings, Figures], AbstractAsyncContextManager[Any]]


def seals(settings: Settings, figures: Figures) -> AbstractAsyncContextManager[Any]:
    """What seals, as a scorer opens it."""
    return open_seals(settings.evidence, SystemClock(), figures)


def evidence(settings: Settings, figures: Figures) -> AbstractAsyncContextManager[Any]:
    """What opens, as the query service opens it."""
    return open_evidence(settings.evidence, SystemClock(), figures)


def askers(settings: Settings, figures: Figures) -> AbstractAsyncContextManager[Any]:
    """Whom a plan has asked, as a scorer opens them."""
    start = when_there("judges", SystemClock(), lambda: figures.count(STORE_WAITS))
    plan = plan_of(settings, settings.scorer.plan_file, ["response_length"], None)
    return open_askers(settings, plan, SystemClock(), figures, start=start)


OPENINGS: tuple[Opening, ...] = (seals, evidence, askers)
each_opening = pytest.mark.parametrize("opening", OPENINGS)


@pytest.fixture
def on_files(tmp_path: Path) -> Settings:
    """Settings that seal and ask a judge, with each store in a file that is waited for briefly."""
    settings = settings_for("127.0.0.1:1", TopicNames(), tmp_path)
    settings.evidence = EvidenceSettings(
        keys_file=keys_file(tmp_path / "masters", "m1"),
        path=tmp_path / "later.db",
        busy_timeout_ms=0,
    )
    settings.judges.path = tmp_path / "later.db"
    settings.judges.busy_timeout_ms = 0
    settings.scorer.plan_file = tmp_path / "judged.yaml"
    plan = PLAN.format(panel=PANEL, deadline_s=60, max_hold_s=900)
    settings.scorer.plan_file.write_text(plan, encoding="utf-8")
    settings.bedrock.judges = {"only": QWEN}
    settings.bedrock.region = "us-east-1"
    return settings


@pytest.fixture
async def on_server(on_files: Settings, postgres: PostgresServer) -> Settings:
    """The same with stores of keys and judges on a server."""
    keys, judges = on_files.evidence.store, await migrated_judges(postgres)
    keys.kind, keys.postgres = StoreKind.POSTGRES, await migrated_keys(postgres)
    on_files.judges.store = JudgeStoreSettings(kind=StoreKind.POSTGRES, postgres=judges)
    return on_files


def with_dsn(settings: Settings, change: Callable[[str], str]) -> Settings:
    """The same, with both addresses changed."""
    for one in (settings.evidence.store.postgres, settings.judges.store.postgres):
        one.dsn = SecretStr(change(one.dsn.get_secret_value()))
    return settings


async def said(told: list[Any], event: str, task: asyncio.Task[Any]) -> None:
    """Returns once an event was logged; fails where the task has ended without."""
    async with asyncio.timeout(DEADLINE_S):
        while not any(one["event"] == event for one in told):
            assert not task.done(), task.exception()
            await asyncio.sleep(0.02)


@each_opening
async def test_a_server_that_comes_late_is_waited_for(
    on_server: Settings, postgres: PostgresServer, opening: Opening
) -> None:
    """Nobody listens at its port at first; the wait is counted, and ends once somebody does."""
    port, figures = free_port(), Figures()
    settings = with_dsn(on_server, lambda dsn: dsn.replace(f":{postgres.port}/", f":{port}/"))
    async with AsyncExitStack() as stack:
        with capture_logs() as told:
            entering = asyncio.create_task(stack.enter_async_context(opening(settings, figures)))
            await said(told, "store.waits", entering)
            assert sum(figures.totals.values()) > 0
            await stack.enter_async_context(forwarded(port, postgres.port))
            async with asyncio.timeout(DEADLINE_S):
                await entering
        assert [one["event"] for one in told if one["event"] == "store.there"] == ["store.there"]


@each_opening
async def test_a_file_that_another_process_holds_is_waited_for(
    on_files: Settings, opening: Opening
) -> None:
    """Its lock is waited for beyond the busy timeout, for as long as somebody else has it."""
    figures = Figures()
    holder = sqlite3.connect(on_files.evidence.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    async with AsyncExitStack() as stack:
        with capture_logs() as told:
            entering = asyncio.create_task(stack.enter_async_context(opening(on_files, figures)))
            await said(told, "store.waits", entering)
            holder.close()
            async with asyncio.timeout(DEADLINE_S):
                await entering


def _another_password(settings: Settings, server: PostgresServer) -> Settings:
    return with_dsn(settings, lambda dsn: dsn.replace(":load-line@", ":guessed@"))


def _another_database(settings: Settings, server: PostgresServer) -> Settings:
    return with_dsn(settings, lambda dsn: dsn.removesuffix("postgres") + "nowhere")


def _no_tables(settings: Settings, server: PostgresServer) -> Settings:
    for one in (settings.evidence.store.postgres, settings.judges.store.postgres):
        one.schema_name = "nothing_here"
    return settings


def _newer_tables(settings: Settings, server: PostgresServer) -> Settings:
    for one in (settings.evidence.store.postgres, settings.judges.store.postgres):
        server.sql(
            f"INSERT INTO {one.schema_name}.schema_migrations (number, name, checksum)"
            " VALUES (999, '0999_later', '')"
        )
    return settings


@each_opening
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (_another_password, "check the name, its password"),
        (_another_database, "has no such database"),
        (_no_tables, "run `plimsoll migrate`"),
        (_newer_tables, "deploy the newer program"),
    ],
)
async def test_what_does_not_pass_is_not_waited_for(
    on_server: Settings,
    postgres: PostgresServer,
    opening: Opening,
    fault: Callable[[Settings, PostgresServer], Settings],
    says: str,
) -> None:
    """It ends the start at once, with an error that says what to do, and without a wait."""
    settings, figures = fault(on_server, postgres), Figures()
    with pytest.raises(FatalError, match=says):
        async with opening(settings, figures):
            pass
    assert not figures.totals


async def probe(listen: str, service: str) -> int:
    """What the port for probes says of a service."""
    async with grpc.aio.insecure_channel(listen) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        return int((await stub.Check(health_pb2.HealthCheckRequest(service=service))).status)


async def test_a_query_service_that_waits_lives_and_is_not_ready(
    on_server: Settings, postgres: PostgresServer
) -> None:
    """Its port for probes says so, until the store of keys is there: then it serves."""
    port, listen, ready = free_port(), f"127.0.0.1:{free_port()}", asyncio.Event()
    settings = with_dsn(on_server, lambda dsn: dsn.replace(f":{postgres.port}/", f":{port}/"))
    settings.query.health_listen = listen
    with capture_logs() as told:
        service = asyncio.create_task(run_query(settings, ready.set))
        await said(told, "store.waits", service)
        assert await probe(listen, "liveness") == SERVING
        assert await probe(listen, "readiness") == NOT_SERVING
        async with forwarded(port, postgres.port):
            async with asyncio.timeout(DEADLINE_S):
                await ready.wait()
            assert await probe(listen, "readiness") == SERVING
            await cancelled(service)
