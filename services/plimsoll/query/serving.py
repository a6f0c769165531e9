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
from plimsoll.adapters.rpc.server import RpcServer
from plimsoll.adapters.rpc.servicer import ConfidenceServicer, NoTelemetry
from plimsoll.adapters.rpc.watching import Watches
from plimsoll.domain.errors import FatalError
from plimsoll.domain.metric import MetricSpec
from plimsoll.ports.store import ScoreStore
from plimsoll.ports.telemetry import QUERY_CERTIFICATE_EXPIRY, Telemetry
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
    strengths: Strengths | None = None,
    telemetry: Telemetry | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serves until `stop` is set, then drains; FatalError where the store can never serve."""
    query, clock, figures = settings.query, SystemClock(), telemetry or NoTelemetry()
    feed = ProjectionFeed(store, clock, timedelta(milliseconds=query.wait_poll_ms))
    fatal: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_fatal(error: FatalError) -> None:
        if not fatal.done():
            fatal.set_exception(error)

    servicer = ConfidenceServicer(
        door=open_door(settings.access, query.listen, clock),
        store=store,
        look_ups=LookUps(store, feed, timedelta(seconds=query.max_wait_s), query.max_waiters),
        watches=Watches(
            store,
            feed,
            settings.topics.scores,
            query.max_watchers,
            timedelta(seconds=query.watch_heartbeat_s),
        ),
        labelling=Labelling(publish, clock),
        metrics=metrics,
        strengths=strengths or {},
        telemetry=figures,
        on_fatal=on_fatal,
    )

    def on_certificate(expires: datetime) -> None:
        figures.set(QUERY_CERTIFICATE_EXPIRY, expires.timestamp())

    server = RpcServer(servicer, query, settings.access, on_certificate)
    await server.start()
    _log.info("query.started", listen=query.listen, port=server.port)
    if ready is not None:
        ready()
    await _until_stopped(server, feed, stop, fatal)
    _log.info("query.stopped")


async def _until_stopped(
    server: RpcServer, feed: ProjectionFeed, stop: asyncio.Event, fatal: asyncio.Future[None]
) -> None:
    polling, stopping = asyncio.create_task(feed.run()), asyncio.create_task(stop.wait())
    all_three: set[asyncio.Future[Any]] = {polling, stopping, fatal}
    try:
        ended, _ = await asyncio.wait(all_three, return_when=asyncio.FIRST_COMPLETED)
    finally:
        _log.info("query.draining")
        await server.announce_stop()
        feed.drain()
        await server.stop()
        for one in all_three:
            one.cancel()
    for one in ended:
        one.result()
