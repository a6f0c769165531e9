"""Brings everything up for a demonstration, and reports what it found."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

from plimsoll.adapters.scratch import scratch_folder
from plimsoll.adapters.signals import stop_on_signals
from plimsoll.cli.demo.facts import DemoFacts
from plimsoll.cli.demo.programme import Programme
from plimsoll.cli.demo.stage import Stage, remark
from plimsoll.cli.demo.story import tell_story
from plimsoll.cli.deployment import Deployment, Layout, deployed, with_free_endpoint
from plimsoll.cli.failures import FAILED, INTERRUPTED, OK
from plimsoll.cli.opening import quiet_logs
from plimsoll.cli.sample import Sample
from plimsoll.cli.terminal import out, print_json
from plimsoll.settings.model import Settings

_SCORERS = 2


async def perform(programme: Programme, *, as_json: bool, keep: bool, logs: Path | None) -> int:
    """The whole demonstration; gives the exit code."""
    # Nothing of a real cluster may come near it: defaults only.
    settings = with_free_endpoint(Settings.model_construct())
    quiet_logs(settings)
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signals())
        if logs is None:
            logs = stack.enter_context(scratch_folder("demo"))
        playing = asyncio.create_task(_play(programme, settings, logs, as_json=as_json, keep=keep))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if playing.done():
            return playing.result()
        playing.cancel()
        await asyncio.wait({playing})
        return OK if keep else INTERRUPTED


async def _play(
    programme: Programme, settings: Settings, logs: Path, *, as_json: bool, keep: bool
) -> int:
    began = asyncio.get_running_loop().time()
    remark("starting a broker in memory (it keeps nothing), two scorers, indexer, query, observer")
    sample = programme.sample
    async with (
        programme.staged(settings) as staging,
        deployed(staging.settings, Layout(_SCORERS, logs, staging.variables), remark) as deployment,
    ):
        with Stage(len(sample.results)) as stage:
            facts = await _told(deployment, sample, stage, began)
        said = await programme.report(facts, out())
        if as_json:
            print_json(said)
        if keep:
            listen, bootstrap = deployment.settings.query.listen, deployment.broker
            remark(f"still running: gRPC {listen}, Kafka {bootstrap and bootstrap.bootstrap}")
            await deployment.failed()
    return OK if facts.complete else FAILED


async def _told(deployment: Deployment, sample: Sample, stage: Stage, began: float) -> DemoFacts:
    """The story, or the failure of what it stands on, whichever comes first."""
    telling = asyncio.create_task(tell_story(deployment, sample, stage, began))
    failing = asyncio.create_task(deployment.failed())
    try:
        await asyncio.wait({telling, failing}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            failing.result()
        return await telling
    finally:
        for task in (telling, failing):
            task.cancel()
        await asyncio.gather(telling, failing, return_exceptions=True)
