"""Composes the scorer: log, path, loop; starts it and drains it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib.metadata import version

import structlog

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.compute.pool import ComputePool
from plimsoll.adapters.kafka.consumer import KafkaLogConsumer
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.telemetry.certificates import kafka_certificates, watched_certificates
from plimsoll.adapters.telemetry.opening import open_tracing
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.adapters.watched_secrets import stop_when_asked
from plimsoll.calibration.combine import Combination
from plimsoll.calibration.learned import LearnedCombination
from plimsoll.domain.plan import Plan
from plimsoll.metrics.own_strengths import own_strengths
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.askers import NOBODY, Askers
from plimsoll.pipeline.calibration_figures import tell_calibrations
from plimsoll.pipeline.delivery import Delivery
from plimsoll.pipeline.learned import LearnedTable
from plimsoll.pipeline.limits import Limits
from plimsoll.pipeline.loop import ConsumeLoop
from plimsoll.pipeline.parking import Parking
from plimsoll.pipeline.results import ResultPath, Routes
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.pipeline.sealing import EvidenceSeals
from plimsoll.pipeline.starting import when_there
from plimsoll.pipeline.traced_compute import TracedCompute
from plimsoll.ports.bodies import Bodies
from plimsoll.ports.compute import Compute
from plimsoll.ports.judge_telemetry import JUDGE_STORE_WAITS
from plimsoll.ports.telemetry import READY, Telemetry
from plimsoll.ports.tracing import Tracing
from plimsoll.resilience.patience import ended_unless
from plimsoll.scorer.bodies import open_bodies
from plimsoll.scorer.canaries import open_watched_askers
from plimsoll.scorer.compute import compute_process
from plimsoll.scorer.judges import judge_models, reliability
from plimsoll.scorer.learned import follow_learned
from plimsoll.scorer.plans import plan_of
from plimsoll.scorer.seals import open_seals
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings
from plimsoll.settings.scorer import ScorerSettings
from plimsoll.wire.records import IngestRules

_log = structlog.get_logger(__name__)


async def run_scorer(settings: Settings, ready: Callable[[], None] | None = None) -> None:
    """Scores until SIGTERM or SIGINT, then drains and returns.

    Raises FatalError where no record can succeed. `ready` is called once the group is joined.
    """
    async with stop_when_asked(settings.watched_secrets) as stop:
        await _score(settings, stop, ready)
    _log.info("scorer.stopped")


async def _score(settings: Settings, stop: asyncio.Event, ready: Callable[[], None] | None) -> None:
    telemetry = PrometheusTelemetry()
    wanted = ToolSettings.of(settings)
    tools = build_tools(wanted)
    metrics = registered_metrics(tools)
    own = own_strengths(settings.strengths)
    plan = plan_of(settings, settings.scorer.plan_file, [m.spec.name for m in metrics], own)
    combination = Combination.load_prior()
    tell_calibrations(telemetry, combination, reliability(settings.judges))
    table = LearnedTable(SystemClock(), telemetry)
    learned = LearnedCombination(combination, table.standing)
    # Only a promise that may be given has to be looked after.
    claims = None if tools.claims is None else table.state
    scorer = ResultScorer(plan, metrics, learned, tools, own, claims=claims)
    tracing = open_tracing(settings.telemetry, "scorer")
    compute = _compute(settings.scorer, wanted, scorer, telemetry)
    telemetry.serve(settings.scorer.telemetry_port)
    async with AsyncExitStack() as stack:
        if tracing is not None:
            stack.callback(tracing.stop)
        opening = _open(stack, settings, plan, telemetry, tracing)
        opened = await ended_unless(stop, opening)
        if opened.cancelled():
            return
        askers, bodies, seals = opened.result()
        loop = compose_loop(
            settings,
            scorer,
            compute,
            telemetry,
            askers=askers,
            bodies=bodies,
            tracing=tracing,
            seals=seals,
        )
        await stack.enter_async_context(follow_learned(settings, table, SystemClock(), stop))
        # What is loaded by now stays: no collection has to look at it again, on any record.
        gc.collect()
        gc.freeze()
        await _run(loop, compute, settings, telemetry, stop=stop, ready=ready)


async def _open(
    stack: AsyncExitStack,
    settings: Settings,
    plan: Plan,
    telemetry: Telemetry,
    tracing: Tracing | None,
) -> tuple[Askers, Bodies | None, EvidenceSeals | None]:
    """What is outside of the process, until the stack ends; stores that are away are waited for."""
    clock = SystemClock()

    def count() -> None:
        for judge in judge_models(settings):
            telemetry.count(JUDGE_STORE_WAITS, (judge,))

    askers = open_watched_askers(
        settings, plan, clock, telemetry, tracing, start=when_there("judges", clock, count)
    )
    certificates = watched_certificates(kafka_certificates(settings.kafka), clock, telemetry)
    opened = (
        await stack.enter_async_context(askers),
        await stack.enter_async_context(open_bodies(settings)),
        await stack.enter_async_context(open_seals(settings.evidence, clock, telemetry)),
    )
    await stack.enter_async_context(certificates)
    return opened


async def _run(
    loop: ConsumeLoop,
    compute: Compute | None,
    settings: Settings,
    telemetry: PrometheusTelemetry,
    *,
    stop: asyncio.Event,
    ready: Callable[[], None] | None,
) -> None:
    """Runs until somebody says stop, then drains."""

    def joined() -> None:
        _log.info("scorer.joined", group=settings.scorer.group_id)
        telemetry.set(READY, 1)
        if ready is not None:
            ready()

    running = asyncio.ensure_future(loop.run(joined))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        _log.info("scorer.draining")
        telemetry.set(READY, 0)
        loop.stop()
        await running
    finally:
        stopping.cancel()
        if compute is not None:
            await compute.stop()


def compose_loop(
    settings: Settings,
    scorer: ResultScorer,
    compute: Compute | None,
    telemetry: PrometheusTelemetry,
    *,
    askers: Askers = NOBODY,
    bodies: Bodies | None = None,
    tracing: Tracing | None = None,
    seals: EvidenceSeals | None = None,
) -> ConsumeLoop:
    """The scorer's loop with its log; metrics and where long ones run are put in from outside."""
    clock = SystemClock()
    topics, mine = settings.topics, settings.scorer
    producer = KafkaLogProducer(settings.kafka, "scorer")
    routes = Routes(
        rules={topics.results: _rules(mine, topics.results)},
        scores_topic=topics.scores,
        rescores_topic=topics.rescores,
        max_scored_bytes=mine.max_scored_bytes,
        max_bodies_bytes=settings.bodies.max_result_bytes,
        scorer=f"plimsoll-scorer/{version('plimsoll-confidence')}",
    )
    parking = Parking(topics.dead_letters, clock)
    return ConsumeLoop(
        consumer=KafkaLogConsumer(
            settings.kafka,
            [topics.results, topics.rescores],
            mine.group_id,
            group_instance_id=mine.group_instance_id,
            drain_timeout_s=mine.drain_timeout_s,
            role="scorer",
        ),
        producer=producer,
        path=ResultPath(
            scorer,
            routes,
            clock,
            telemetry,
            compute if compute is None or tracing is None else TracedCompute(compute, tracing),
            askers=askers,
            bodies=bodies,
            tracing=tracing,
            seals=seals,
        ),
        delivery=Delivery(producer, clock, telemetry, parking),
        clock=clock,
        telemetry=telemetry,
        limits=_limits(mine, topics.rescores),
    )


def _limits(mine: ScorerSettings, rescores_topic: str) -> Limits:
    return Limits(
        max_in_flight=mine.max_in_flight,
        max_in_flight_per_partition=mine.max_in_flight_per_partition,
        max_in_flight_bytes=mine.max_in_flight_bytes,
        max_span=mine.max_span,
        commit_interval_s=mine.commit_interval_ms / 1_000,
        drain_timeout_s=mine.drain_timeout_s,
        max_poison_run=mine.max_poison_run,
        poison_pause_s=mine.poison_pause_s,
        later_topics=frozenset({rescores_topic}),
    )


def _rules(mine: ScorerSettings, topic: str) -> IngestRules:
    tenants = mine.allowed_tenants.get(topic)
    return IngestRules(
        default_type=mine.default_type,
        allowed_tenants=None if tenants is None else frozenset(tenants),
        framing=mine.schema_registry_framing,
        max_bytes=mine.max_record_bytes,
    )


def _compute(
    mine: ScorerSettings, tools: ToolSettings, scorer: ResultScorer, telemetry: PrometheusTelemetry
) -> ComputePool | None:
    if mine.compute_processes == 0:
        return None
    return ComputePool(
        mine.compute_processes, scorer.absent, telemetry, lambda: compute_process(tools)
    )
