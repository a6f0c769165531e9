"""The query service's composition root."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.rpc.opening import Evidence
from plimsoll.adapters.rpc.probes import ProbePort
from plimsoll.adapters.stores import store_to_read
from plimsoll.adapters.telemetry.certificates import kafka_certificates, watched_certificates
from plimsoll.adapters.telemetry.opening import open_tracing
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.adapters.watched_secrets import stop_when_asked
from plimsoll.metrics.own_strengths import own_strengths
from plimsoll.metrics.registry import registered_metrics
from plimsoll.metrics.strengths import strengths_of
from plimsoll.pipeline.labels import LabelLog
from plimsoll.pipeline.starting import when_there
from plimsoll.ports.store import ScoreStore
from plimsoll.ports.telemetry import STORE_WAITS, Telemetry
from plimsoll.query.evidence import open_evidence
from plimsoll.query.learned import follow_certificates
from plimsoll.query.serving import serve
from plimsoll.resilience.patience import ended_unless
from plimsoll.settings.model import Settings


async def run_query(settings: Settings, ready: Callable[[], None] | None = None) -> None:
    """Serves look-ups until SIGTERM or SIGINT, then drains.

    `ready` is called once, when the port is bound; before, stores that are away are waited for.
    Raises FatalError where a store or the address can never serve.
    """
    specs = [metric.spec for metric in registered_metrics()]
    own = own_strengths(settings.strengths)
    figures = None if own is None else own.figures
    strengths = {spec.name: strengths_of(spec.name, spec.version, figures) for spec in specs}
    telemetry = PrometheusTelemetry()
    telemetry.serve(settings.query.telemetry_port)
    labels = LabelLog(KafkaLogProducer(settings.kafka, "query"), settings.topics.feedback)
    async with AsyncExitStack() as stack:
        stop = await stack.enter_async_context(stop_when_asked(settings.watched_secrets))
        store = store_to_read(settings.store, SystemClock())
        stack.push_async_callback(store.close)
        stack.push_async_callback(labels.close)
        probes = ProbePort(settings.query.health_listen)
        stack.push_async_callback(probes.stop)
        await probes.start()
        opening = _open(stack, settings, store, telemetry)
        opened = await ended_unless(stop, opening)
        if opened.cancelled():
            return
        tracing = open_tracing(settings.telemetry, "query")
        if tracing is not None:
            stack.callback(tracing.stop)
        watch = watched_certificates(_certificates(settings), SystemClock(), telemetry)
        await stack.enter_async_context(watch)
        learned = await stack.enter_async_context(
            follow_certificates(settings, SystemClock(), telemetry)
        )
        # What is loaded by now stays: no collection has to look at it again, on any call.
        gc.collect()
        gc.freeze()
        await serve(
            settings,
            store,
            labels.publish,
            specs,
            stop,
            strengths=strengths,
            telemetry=telemetry,
            tracing=tracing,
            ready=ready,
            evidence=opened.result(),
            probes=probes,
            certificates=learned,
        )


async def _open(
    stack: AsyncExitStack, settings: Settings, store: ScoreStore, telemetry: Telemetry
) -> Evidence:
    """Starts the store and opens evidence, until the stack ends; what is away is waited for."""
    clock = SystemClock()
    await when_there("scores", clock, lambda: telemetry.count(STORE_WAITS))(store)
    return await stack.enter_async_context(open_evidence(settings.evidence, clock, telemetry))


def _certificates(settings: Settings) -> dict[str, Path]:
    """Those of which the gRPC server does not tell by itself."""
    found = kafka_certificates(settings.kafka)
    if settings.access.client_cafile is not None:
        found["grpc_client_ca"] = settings.access.client_cafile
    return found
