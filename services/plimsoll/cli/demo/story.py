"""The demonstration from its first record to its last figure."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.rpc.client import ConfidenceClient, open_client
from plimsoll.cli.demo.arrivals import Arrivals
from plimsoll.cli.demo.counting import count_funnel
from plimsoll.cli.demo.facts import DemoFacts, Kill, Quality
from plimsoll.cli.demo.looking_up import look_all_up
from plimsoll.cli.demo.observing import wait_for_windows
from plimsoll.cli.demo.quality import judge
from plimsoll.cli.demo.stage import Stage
from plimsoll.cli.deployment import Deployment
from plimsoll.cli.lines import BadLine, Line
from plimsoll.cli.offsets import patiently
from plimsoll.cli.publishing import publish_lines
from plimsoll.cli.sample import Sample
from plimsoll.domain.errors import FatalError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult
from plimsoll.domain.scored import ScoredResult
from plimsoll.sdk.client import Plimsoll
from plimsoll.settings.model import Settings

# Before the kill in peace, then with the victim at work, then while nobody has its partitions.
_IN_PEACE = 0.4
_UNDER_KILL = 0.3
_VICTIM = "scorer-1"
# So many at a time, so far apart, while nothing is wrong.
_CHUNK = 5
_PACE_S = 0.05
_PEACE_TIMEOUT_S = 300.0
_MOVE_TIMEOUT_S = 300.0
_WINDOWS_TIMEOUT_S = 300.0
_LOOKUP_TIMEOUT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Run:
    settings: Settings
    client: ConfidenceClient
    plimsoll: Plimsoll
    arrivals: Arrivals
    stage: Stage


async def tell_story(
    deployment: Deployment, sample: Sample, stage: Stage, began: float
) -> DemoFacts:
    """Publishes, kills, waits, looks up and counts; `began` is when it all started.

    FatalError where a result does not become visible in time.
    """
    settings = deployment.settings
    async with _running(settings, stage) as run:
        first, second, third = _parts(sample.results)
        await _publish(run, first, _PACE_S)
        await run.arrivals.all_seen(_keys(first), _PEACE_TIMEOUT_S)
        before = run.arrivals.latencies(_keys(first))
        await _publish(run, second)
        deployment.crew.release(_VICTIM).signal(signal.SIGKILL)
        killed_s = asyncio.get_running_loop().time()
        uncommitted = await _uncommitted(run)
        stage.killed(_VICTIM, uncommitted)
        await _publish(run, third)
        everything = _keys(sample.results)
        await run.arrivals.all_seen(everything, _MOVE_TIMEOUT_S)
        stage.moved(asyncio.get_running_loop().time() - killed_s)
        held_up_s = run.arrivals.longest_s(_keys((*second, *third)))
        stage.step("looking every result up by its ID, alone and in batches")
        looked_up = await look_all_up(run.client, everything)
        stage.step("waiting for the observer's windows")
        observed = await wait_for_windows(settings, len(everything), _WINDOWS_TIMEOUT_S)
        stage.step("counting topics and store, and holding confidences against labels")
        return DemoFacts(
            acknowledged=len(run.arrivals.sent),
            funnel=await count_funnel(settings, run.client),
            kill=Kill(_VICTIM, uncommitted, held_up_s),
            latency=run.arrivals.latencies(everything),
            latency_before=before,
            looked_up=looked_up,
            observed=observed,
            quality=_quality(looked_up.scored, sample),
            absences=count_absences(looked_up.scored),
            seconds=asyncio.get_running_loop().time() - began,
        )


def _quality(scored: Mapping[ResultKey, ScoredResult], sample: Sample) -> Quality | None:
    if all(one.confidence.estimate is None for one in scored.values()):
        return None
    return judge(scored, sample.labels)


def count_absences(scored: Mapping[ResultKey, ScoredResult]) -> dict[str, int]:
    """Scores without a number, by the type of their absence."""
    found = Counter(
        score.absence.reason.value
        for result in scored.values()
        for score in result.scores
        if score.absence is not None
    )
    return dict(found.most_common())


@asynccontextmanager
async def _running(settings: Settings, stage: Stage) -> AsyncIterator[_Run]:
    client = open_client(settings.sdk, settings.query.listen, timeout=_LOOKUP_TIMEOUT)
    async with client, Plimsoll(settings=settings) as plimsoll:
        arrivals = Arrivals()
        tasks = [
            asyncio.create_task(arrivals.follow(client)),
            asyncio.create_task(stage.follow(arrivals)),
        ]
        try:
            yield _Run(settings, client, plimsoll, arrivals, stage)
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def _publish(run: _Run, results: Sequence[LlmResult], pace_s: float = 0.0) -> None:
    """Publishes at a pace, or all at once, and returns when the broker has everything."""
    chunk = _CHUNK if pace_s else len(results)
    for start in range(0, len(results), chunk):
        lines = (Line(start + n, one, {}) for n, one in enumerate(results[start : start + chunk]))
        async for outcome in publish_lines(run.plimsoll.publisher, lines):
            if isinstance(outcome, BadLine):
                raise FatalError(f"result {outcome.number} of the sample: {outcome.problem}")
            run.arrivals.note_sent(outcome.key, outcome.position)
        await asyncio.sleep(pace_s)


async def _uncommitted(run: _Run) -> int:
    """Acknowledged results at or after the scorers' committed offsets."""
    settings = run.settings
    async with KafkaAdmin(settings.kafka) as admin:
        topic, group_id = settings.topics.results, settings.scorer.group_id
        progress = await patiently(lambda: admin.progress(topic, group_id))
    ends = run.arrivals.next_offsets
    return sum(max(0, ends.get(p.partition.partition, 0) - (p.committed or 0)) for p in progress)


def _parts(
    results: Sequence[LlmResult],
) -> tuple[Sequence[LlmResult], Sequence[LlmResult], Sequence[LlmResult]]:
    first = int(len(results) * _IN_PEACE)
    second = first + int(len(results) * _UNDER_KILL)
    return results[:first], results[first:second], results[second:]


def _keys(results: Iterable[LlmResult]) -> list[ResultKey]:
    return [result.key for result in results]
