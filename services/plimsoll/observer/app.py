"""The observer: reads scored results, publishes windows of quality."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.faust.application import StreamSpec
from plimsoll.adapters.faust.stream import FaustStream
from plimsoll.adapters.kafka.security import security_arguments
from plimsoll.adapters.telemetry.certificates import kafka_certificates, watched_certificates
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.adapters.watched_secrets import stop_when_asked
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.observer.learning import LabelFollower
from plimsoll.observer.topics import prepare_topics
from plimsoll.pipeline.observing import Observing, ObservingRules
from plimsoll.pipeline.windows import WindowRules
from plimsoll.ports.telemetry import READY
from plimsoll.resilience.patience import ended_unless
from plimsoll.settings.model import Settings
from plimsoll.settings.observer import ObserverSettings
from plimsoll.wire.window_state import newer_value

_log = structlog.get_logger(__name__)

# For leaving the group, and for the learner's connections: after the drain, and well within the
# fifteen seconds that a process gets besides it.
_CLOSE_S = 5.0


async def run_observer(
    settings: Settings,
    ready: Callable[[], None] | None = None,
    unready: Callable[[], None] | None = None,
) -> None:
    """Observes until SIGTERM or SIGINT; calls `ready` whenever its state is recovered.

    `unready` is called whenever it starts anew, before the next `ready`.

    What passes (a broker that is away) is waited for; FatalError and ConfigurationError go out.
    """
    telemetry = PrometheusTelemetry()
    telemetry.serve(settings.observer.telemetry_port)

    def recovered() -> None:
        telemetry.set(READY, 1)
        if ready is not None:
            ready()

    async with stop_when_asked(settings.watched_secrets) as stop:
        while not stop.is_set():
            try:
                await _observe(settings, telemetry, stop, recovered)
            except RetryableError as error:
                telemetry.set(READY, 0)
                if unready is not None:
                    unready()
                _log.warning("observer.restarting", error=str(error))
                await _first(stop.wait(), asyncio.sleep(error.delay.total_seconds()))


async def _observe(
    settings: Settings,
    telemetry: PrometheusTelemetry,
    stop: asyncio.Event,
    ready: Callable[[], None],
) -> None:
    observer = settings.observer
    app_id = observer.app_id if observer.recover else f"{observer.app_id}-{uuid.uuid4().hex[:8]}"
    prepared = await ended_unless(stop, prepare_topics(settings, app_id))
    if prepared.cancelled():
        return
    partitions = prepared.result()
    clock = SystemClock()
    spec = StreamSpec(app_id, settings.topics.scores, partitions)
    stream = FaustStream(
        settings.kafka, security_arguments(settings.kafka), spec, newer_value, clock
    )
    rules = ObservingRules(
        settings.topics.quality, _window_rules(observer), observer.app_id, settings.topics.scores
    )
    observing = Observing(rules, stream, clock, telemetry)
    # One of all observers learns: whoever has the first partition.
    learning = LabelFollower(settings, clock, telemetry, leads=lambda: 0 in observing.positions())
    async with watched_certificates(kafka_certificates(settings.kafka), clock, telemetry):
        following = asyncio.create_task(learning.run())
        try:
            await _serve(observer, stream, observing, stop, ready)
        finally:
            following.cancel()
            await asyncio.wait({following}, timeout=_CLOSE_S)


async def _serve(
    settings: ObserverSettings,
    stream: FaustStream,
    observing: Observing,
    stop: asyncio.Event,
    ready: Callable[[], None],
) -> None:
    writing = asyncio.create_task(_write_often(settings, observing))
    ended = asyncio.create_task(stream.ended())
    stopping = asyncio.create_task(stop.wait())
    starting = asyncio.create_task(stream.start(observing))
    try:
        done = await _any(starting, writing, ended, stopping)
        if starting in done:
            starting.result()
            _log.info("observer.ready", partitions=sorted(observing.positions()))
            ready()
            done = await _any(writing, ended, stopping)
        if writing in done:
            writing.result()
        if ended in done:
            raise ended.result()
        await _in_time(settings.drain_timeout_s, observing.publish(), "last windows")
    finally:
        await _in_time(_CLOSE_S, stream.stop(), "stream")
        for task in (starting, writing, ended, stopping):
            task.cancel()
        _log.info("observer.stopped")


async def _write_often(settings: ObserverSettings, observing: Observing) -> None:
    """Saves what is gathered, and every so often publishes what has changed."""
    interval_s = settings.save_interval_ms / 1_000
    saves = max(1, round(settings.publish_interval_ms / settings.save_interval_ms))
    while True:
        for _ in range(saves):
            await asyncio.sleep(interval_s)
            await observing.save()
        await observing.publish()


def _window_rules(settings: ObserverSettings) -> WindowRules:
    return WindowRules(
        settings.window_s * 1_000, settings.grace_s * 1_000, max_groups=settings.max_models
    )


async def _any(*tasks: asyncio.Task[Any]) -> set[asyncio.Task[Any]]:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return done


async def _first(*waits: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


async def _in_time(longest_s: float, closing: Coroutine[Any, Any, None], what: str) -> None:
    """Lets something end by itself for so long; what is not written then will be counted again.

    FatalError passes.
    """
    task = asyncio.ensure_future(closing)
    done, _ = await asyncio.wait({task}, timeout=longest_s)
    if not done:
        task.cancel()
        _log.warning("observer.stop.timed_out", what=what)
    elif not task.cancelled() and isinstance(error := task.exception(), FatalError):
        raise error
