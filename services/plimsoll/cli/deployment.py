"""All of Plimsoll in one process tree: a broker where none is named, and the services."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from plimsoll.adapters.embedded.broker import EmbeddedBroker
from plimsoll.adapters.embedded.ports import free_port
from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.scratch import scratch_folder
from plimsoll.cli.crew import Crew, Job, Tell
from plimsoll.cli.topics import apply_topics
from plimsoll.domain.errors import FatalError
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.variables import child_environment

READY_TIMEOUT_S = 300.0
_LOOK_S = 0.5
# A killed member is found out sooner; the broker in memory takes no less.
_EMBEDDED_SESSION_MS = 6_000
# Partitions of a demonstration: enough for some workers.
_EMBEDDED_PARTITIONS = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """How many scorers there are, where logs go, and variables besides those of the settings."""

    scorers: int
    logs: Path
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deployment:
    """What runs: the settings that all share, the crew, and the broker where it is ours."""

    settings: Settings
    crew: Crew
    layout: Layout
    broker: EmbeddedBroker | None

    async def failed(self) -> None:
        """Returns never; raises FatalError once something has ended that cannot come back."""
        watching = [asyncio.ensure_future(self.crew.failed())]
        if self.broker is not None:
            watching.append(asyncio.ensure_future(_broker_ended(self.broker)))
        try:
            done, _ = await asyncio.wait(watching, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in watching:
                task.cancel()


@asynccontextmanager
async def deployed(settings: Settings, layout: Layout, tell: Tell) -> AsyncIterator[Deployment]:
    """Starts everything, gives it once it serves, and stops it in order.

    Without a cluster in `settings` a broker in memory is brought, with a store of its own that
    ends with it. FatalError or ConfigurationError where something cannot start.
    """
    layout.logs.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        broker = None
        if not settings.kafka.bootstrap_servers:
            scratch = stack.enter_context(scratch_folder("up"))
            broker = EmbeddedBroker(layout.logs / "broker.log")
            stack.callback(broker.stop)
            broker.start()
            settings = embedded_settings(settings, broker.bootstrap, scratch)
            async with KafkaAdmin(settings.kafka) as admin:
                await apply_topics(admin, settings.topics, _EMBEDDED_PARTITIONS, None)
        environment = {**child_environment(settings), **layout.variables}
        crew = Crew(_jobs(layout.scorers), environment, layout.logs, tell)
        stack.push_async_callback(crew.stop)
        crew.start()
        await crew.ready(list(crew.children), READY_TIMEOUT_S)
        yield Deployment(settings, crew, layout, broker)


def embedded_settings(settings: Settings, bootstrap: str, directory: Path) -> Settings:
    """The same settings on a broker in memory, with a store that has seen no other broker."""
    kafka = KafkaSettings(
        bootstrap_servers=bootstrap,
        client_id=settings.kafka.client_id,
        enable_idempotence=False,
        session_timeout_ms=_EMBEDDED_SESSION_MS,
    )
    return settings.model_copy(
        update={
            "kafka": kafka,
            "store": settings.store.model_copy(update={"path": directory / "scores.db"}),
            "observer": settings.observer.model_copy(update={"recover": False}),
        }
    )


def with_free_endpoint(settings: Settings) -> Settings:
    """The same settings with look-ups on a free port of this machine."""
    listen = f"127.0.0.1:{free_port()}"
    return settings.model_copy(
        update={"query": settings.query.model_copy(update={"listen": listen})}
    )


def _jobs(scorers: int) -> list[Job]:
    program = (sys.executable, "-m", "plimsoll.cli")
    return [
        *(Job(f"scorer-{n}", (*program, "scorer"), stage=0) for n in range(1, scorers + 1)),
        Job("indexer", (*program, "indexer"), stage=1),
        Job("observer", (*program, "observer"), stage=1),
        Job("query", (*program, "query"), stage=2),
    ]


async def _broker_ended(broker: EmbeddedBroker) -> None:
    while broker.alive:  # noqa: ASYNC110 - a process that ends sets no event
        await asyncio.sleep(_LOOK_S)
    raise FatalError("the broker in memory has ended, and every topic with it: start again")
