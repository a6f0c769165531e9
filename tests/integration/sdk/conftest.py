"""A deployment on the shared Kafka, and a client of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from plimsoll.sdk import Plimsoll
from plimsoll.settings.model import Settings
from tests.support.services import Fleet, fleet


@pytest.fixture
def ships(tmp_path: Path) -> Iterator[Fleet]:
    """Processes that end with the test."""
    with fleet(tmp_path / "logs") as ships:
        yield ships


@pytest.fixture
async def deployment(settings: Settings, ships: Fleet, tmp_path: Path) -> Settings:
    """Scorer, indexer and query service, each a process that serves."""
    names = ("scorer", "indexer", "query")
    ready = {name: tmp_path / f"{name}.ready" for name in names}
    for name, file in ready.items():
        ships.start("plimsoll.cli", settings, name, "--ready-file", str(file))
    async with asyncio.timeout(90):
        while not all(file.exists() for file in ready.values()):  # noqa: ASYNC110 - processes of their own tell by files
            await asyncio.sleep(0.05)
    return settings


@pytest.fixture
async def plimsoll(settings: Settings) -> AsyncIterator[Plimsoll]:
    """A client with the settings of the test."""
    async with Plimsoll(settings=settings) as client:
        yield client
