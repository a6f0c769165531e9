"""A query service on a real socket, over a store that the test fills."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import grpc
import pytest

from plimsoll.adapters.rpc.opening import AS_IT_STANDS, Evidence
from plimsoll.adapters.rpc.probes import ProbePort
from plimsoll.adapters.rpc.standings import NOBODY_KNOWS, Certificates
from plimsoll.adapters.sqlite.store import SqliteScoreStore
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.metric import Family, MetricSpec, Need
from plimsoll.domain.record import Position
from plimsoll.ports.store import ScoreRow
from plimsoll.query.serving import serve
from plimsoll.settings.access import AccessSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.query import QuerySettings
from plimsoll.settings.store import StoreSettings
from plimsoll.v1 import common_pb2, score_pb2
from plimsoll.v1.service_pb2_grpc import ConfidenceServiceStub
from tests.contracts.rows import D0, P0, P1, score
from tests.support.counting_telemetry import Figures
from tests.support.ports import free_port

if TYPE_CHECKING:
    from plimsoll.v1.service_pb2_grpc import ConfidenceServiceAsyncStub

SPECS = (
    MetricSpec("m_one", "1", Family.WHITE_BOX, "one", (Need.TOKEN_LOGPROBS,), "paper"),
    MetricSpec("m_two", "1", Family.BASELINE, "two", (Need.RESPONSE_TEXT,), "here", baseline=True),
)


def message(result_id: str, tenant: str = "default") -> score_pb2.ScoredResult:
    """A scored event with something for each view to leave out."""
    return score_pb2.ScoredResult(
        result_id=result_id,
        tenant=tenant,
        score_id=f"score-of-{result_id}",
        complete=True,
        scores=[
            score_pb2.Score(
                metric="m_one",
                version="1",
                value=0.25,
                evidence=[score_pb2.Evidence(kind="chunk", text="because")],
                provenance={"k": "v"},
                provenance_hash="h",
            )
        ],
        confidence=score_pb2.Confidence(
            value=score_pb2.ConfidenceValue(
                point=0.7, interval=common_pb2.Interval(lower=0.5, upper=0.8, level=0.9)
            ),
            status=score_pb2.CONFIDENCE_STATUS_PRIOR,
        ),
        observation=score_pb2.Observation(attempts=1, scorer="plimsoll/0"),
    )


def scored(result_id: str, offset: int, padding: int = 0, **more: object) -> ScoreRow:
    """A row whose payload is `message(result_id)`, made longer by so many bytes."""
    event = message(result_id)
    event.scores[0].flags.append("x" * padding)
    if not padding:
        del event.scores[0].flags[:]
    return score(result_id, offset, payload=event.SerializeToString(), **more)  # type: ignore[arg-type]  # handed through


@dataclass
class Labels:
    """A feedback topic that remembers, or that is away."""

    taken: list[Feedback] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)
    fault: Exception | None = None
    away: bool = False

    async def publish(self, feedback: Feedback, traceparent: str) -> Position:
        """Takes it, fails, or never answers."""
        if self.away:
            await asyncio.Event().wait()
        if self.fault is not None:
            raise self.fault
        self.taken.append(feedback)
        self.traces.append(traceparent)
        return Position("llm.feedback.v1", 2, len(self.taken))


@dataclass
class Service:
    """A served store, a client, and what stops it."""

    settings: Settings
    store: SqliteScoreStore
    stub: ConfidenceServiceAsyncStub
    channel: grpc.aio.Channel
    labels: Labels
    stop: asyncio.Event
    running: asyncio.Task[None]
    figures: Figures
    probes: ProbePort


class Served(Protocol):
    """Starts a service."""

    def __call__(
        self,
        query: QuerySettings,
        access: AccessSettings | None = None,
        evidence: Evidence = AS_IT_STANDS,
        certificates: Certificates = NOBODY_KNOWS,
    ) -> Awaitable[Service]:
        """With these settings; without `access` it answers everybody."""


@pytest.fixture
async def serve_with(tmp_path: Path) -> AsyncIterator[Served]:
    """Starts services with the query settings that a test wants."""
    services: list[Service] = []

    async def start(
        query: QuerySettings,
        access: AccessSettings | None = None,
        evidence: Evidence = AS_IT_STANDS,
        certificates: Certificates = NOBODY_KNOWS,
    ) -> Service:
        access = access or AccessSettings()
        settings = Settings(
            query=query,
            access=access,
            store=StoreSettings(path=tmp_path / "store.db", busy_timeout_ms=120_000),
        )
        store = SqliteScoreStore(settings.store)
        await store.start()
        await store.claim([P0, P1, D0])
        labels, stop, bound = Labels(), asyncio.Event(), asyncio.Event()
        figures, probes = Figures(), ProbePort(query.health_listen)
        await probes.start()
        running = asyncio.create_task(
            serve(
                settings,
                store,
                labels.publish,
                SPECS,
                stop,
                telemetry=figures,
                ready=bound.set,
                evidence=evidence,
                certificates=certificates,
                probes=probes,
            )
        )
        await asyncio.wait(
            {running, asyncio.ensure_future(bound.wait())}, return_when=asyncio.FIRST_COMPLETED
        )
        channel = grpc.aio.insecure_channel(query.listen)
        stub = ConfidenceServiceStub(channel)
        made = Service(settings, store, stub, channel, labels, stop, running, figures, probes)
        services.append(made)
        return made

    yield start
    for service in services:
        await service.channel.close()
        service.stop.set()
        await asyncio.wait({service.running})
        await service.probes.stop()
        await service.store.close()


def query_settings(**more: object) -> QuerySettings:
    """Quick ones, on a free port; who waits for a score may wait until it is there."""
    given = {
        "listen": f"127.0.0.1:{free_port()}",
        "wait_poll_ms": 5,
        "max_wait_s": 300.0,
        "drain_timeout_s": 30.0,
    }
    return QuerySettings.model_validate(given | more)


@pytest.fixture
async def service(serve_with: Served) -> Service:
    """A service with quick settings."""
    return await serve_with(query_settings())
