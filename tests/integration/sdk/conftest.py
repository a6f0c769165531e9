"""A deployment on the shared Kafka, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from plimsoll.sdk import Plimsoll
from plimsoll.settings.model import Settings
from tests.support.services import PROGRAM, Fleet, fleet


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A client that is as patient as a busy machine is slow."""
    settings.sdk.ack_timeout_s = settings.sdk.lookup_timeout_s = 120.0
    return settings


@pytest.fixture
def ships(tmp_path: Path) -> Iterator[Fleet]:
    """Processes that end with the test."""
    with fleet(tmp_path / "logs") as ships:
        yield ships


@pytest.fixture
async def deployment(settings: Settings, ships: Fleet) -> Settings:
    """Scorer, indexer and query service, each a process that serves."""
    for name in ("scorer", "indexer", "query"):
        ships.start(PROGRAM, settings, name)
    await ships.all_ready()
    return settings


@pytest.fixture
async def plimsoll(settings: Settings) -> AsyncIterator[Plimsoll]:
    """A client with the settings of the test."""
    async with Plimsoll(settings=settings) as client:
        yield client
