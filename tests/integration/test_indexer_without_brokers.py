"""The indexer where no broker answers."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from structlog.testing import capture_logs

from plimsoll.indexer.app import run_indexer
from plimsoll.settings.topics import TopicNames
from tests.conftest import settings_for
from tests.support.ports import closed_port


async def test_an_indexer_that_waits_for_brokers_ends_when_it_is_told(tmp_path: Path) -> None:
    """It reads what to erase before it projects; SIGTERM ends that wait, too."""
    with closed_port() as port, capture_logs() as told:
        settings = settings_for(f"127.0.0.1:{port}", TopicNames(), tmp_path)
        running = asyncio.create_task(run_indexer(settings))
        async with asyncio.timeout(120):
            while True:
                if any(one["event"] == "indexer.erasures.wait" for one in told):
                    break
                await asyncio.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(120):
            await running
