"""What a demonstration plays: which results, on which stage, and what it tells of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console

from plimsoll.cli.demo.facts import DemoFacts
from plimsoll.cli.demo.report import report
from plimsoll.cli.demo.summary import summary
from plimsoll.cli.sample import Sample, load_sample
from plimsoll.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Staging:
    """Settings of all services, and variables that are no settings."""

    settings: Settings
    variables: Mapping[str, str] = field(default_factory=dict)


class Programme(Protocol):
    """One demonstration."""

    @property
    def sample(self) -> Sample:
        """What is published, with its labels."""

    def staged(self, settings: Settings) -> AbstractAsyncContextManager[Staging]:
        """Brings what the services need besides a broker, as long as the block runs."""

    async def report(self, facts: DemoFacts, console: Console) -> dict[str, object]:
        """Prints what was found, on the stage; gives the same for machines."""


class Confidences:
    """300 real results, scored without anybody else's help."""

    def __init__(self) -> None:
        self._sample = load_sample()

    @property
    def sample(self) -> Sample:
        """The labelled sample that ships."""
        return self._sample

    @asynccontextmanager
    async def staged(self, settings: Settings) -> AsyncIterator[Staging]:
        """Nothing more is needed."""
        yield Staging(settings)

    async def report(self, facts: DemoFacts, console: Console) -> dict[str, object]:
        """Telling results, the funnel, and how far the confidence may be trusted."""
        report(facts, self._sample, console)
        return summary(facts)
