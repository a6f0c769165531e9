"""Serving from a started store until somebody says stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.rpc.catalogue import Strengths
from plimsoll.adapters.rpc.feed import ProjectionFeed
from plimsoll.adapters.rpc.labelling import Labelling, Publish
from plimsoll.adapters.rpc.looking_up import LookUps
from plimsoll.adapters.rpc.opening import AS_IT_STANDS, Evidence
from plimsoll.adapters.rpc.probes import ProbePort
from plimsoll.adapters.rpc.seeing import VisibleScores
from plimsoll.adapters.rpc.server import RpcServer
from plimsoll.adapters.rpc.servicer import ConfidenceServicer, NoTelemetry
from plimsoll.adapters.rpc.standings import NOBODY_KNOWS, Certificates
from plimsoll.adapters.rpc.watching import Watches
from plimsoll.domain.errors import FatalError
from plimsoll.domain.metric import MetricSpec
from plimsoll.ports.store import ScoreStore
from plimsoll.ports.telemetry import CERTIFICATE_EXPIRY, READY, Telemetry
from plimsoll.ports.tracing import Tracing
from plimsoll.query.door import open_door
from plimsoll.settings.model import Settings

_log = structlog.get_logger(__name__)


async def serve(
    settings: Settings,
    store: ScoreStore,
    publish: Publish,
    metrics: Sequence[MetricSpec],
    stop: asyncio.Event,
    *,
    probes: ProbePort,
    strengths: Strengths | None = None,
    telemetry: Telemetry | None = None,
    tracing: Tracing | None = None,
    ready: Callable[[], None] | None = None,
    evidence: Evidence = AS_IT_STANDS,
    certificates: Certificates = NOBODY_KNOWS,
) -> None:
    """Serves until `stop` is set, then drains; FatalError where the store can never serve.

    `probes` are started and stopped by the caller; `certificates` say how each stands.
    """
    query, clock, figures = settings.query, SystemClock(), telemetry or NoTelemetry()
    feed = ProjectionFeed(store, clock, timedelta(milliseconds=query.wait_poll_ms))
    fatal: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    servicer = ConfidenceServicer(
        door=open_door(settings.access, query.listen, clock),
        store=store,
        look_ups=_look_ups(settings, store, feed, evidence, certificates),
        watches=_watches(settings, store, feed, evidence, certificates),
        evidence=evidence,
        certificates=certificates,
        labelling=Labelling(publish, VisibleScores(store).seen, clock),
        metrics=metrics,
        strengths=strengths or {},
        telemetry=figures,
        on_fatal=_first_of(fatal),
        tracing=tracing,
    )
    server = _server(servicer, settings, figures)
    await server.start()
    await probes.announce_start()
    _log.info("query.started", listen=query.listen, port=server.port)
    figures.set(READY, 1)
    if ready is not None:
        ready()
    try:
        await _until(feed, stop, fatal)
    finally:
        await _drain(server, probes, feed, figures)
    _log.info("query.stopped")


def _first_of(fatal: asyncio.Future[None]) -> Callable[[FatalError], None]:
    def on_fatal(error: FatalError) -> None:
        if not fatal.done():
            fatal.set_exception(error)

    return on_fatal


def _server(servicer: ConfidenceServicer, settings: Settings, telemetry: Telemetry) -> RpcServer:
    def on_certificate(expires: datetime) -> None:
        telemetry.set(CERTIFICATE_EXPIRY, expires.timestamp(), ("grpc_server",))

    return RpcServer(servicer, settings.query, settings.access, on_certificate)


def _look_ups(
    settings: Settings,
    store: ScoreStore,
    feed: ProjectionFeed,
    evidence: Evidence,
    certificates: Certificates,
) -> LookUps:
    query = settings.query
    wait = timedelta(seconds=query.max_wait_s)
    return LookUps(store, feed, wait, query.max_waiters, evidence, certificates=certificates)


def _watches(
    settings: Settings,
    store: ScoreStore,
    feed: ProjectionFeed,
    evidence: Evidence,
    certificates: Certificates,
) -> Watches:
    query = settings.query
    heartbeat = timedelta(seconds=query.watch_heartbeat_s)
    return Watches(
        store,
        feed,
        settings.topics.scores,
        query.max_watchers,
        heartbeat,
        evidence=evidence,
        certificates=certificates,
    )


async def _drain(
    server: RpcServer, probes: ProbePort, feed: ProjectionFeed, telemetry: Telemetry
) -> None:
    telemetry.set(READY, 0)
    _log.info("query.draining")
    await probes.announce_stop()
    await server.announce_stop()
    feed.drain()
    await server.stop()


async def _until(feed: ProjectionFeed, stop: asyncio.Event, fatal: asyncio.Future[None]) -> None:
    """Polls the store until somebody says stop; raises what ends the service before."""
    polling, stopping = asyncio.create_task(feed.run()), asyncio.create_task(stop.wait())
    all_three: set[asyncio.Future[Any]] = {polling, stopping, fatal}
    try:
        ended, _ = await asyncio.wait(all_three, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in all_three:
            one.cancel()
    for one in ended:
        one.result()
