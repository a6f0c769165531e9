"""Three scorers' worth of processes on one emulated quota: nothing is lost, not even in an outage.

How much of a quota is used, and how few are throttled, is proved where time is virtual
(tests/unit/pipeline/test_judge_storms.py): here any process may be slow.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from plimsoll.adapters.emulator.scripts import Quotas, Script
from plimsoll.adapters.emulator.server import Emulator
from tests.house.tree import ROOT
from tests.support.bedrock import SONNET
from tests.support.children import leashed

# A minute of the emulator lasts this long; it keeps as much in store as a minute brings.
MINUTE_S = 1.5
LATENCY_MS = (50.0, 150.0)
# Questions that a worker of the outage has under way at most.
IN_HAND = 8


def settings(url: str, path: Path, requests_s: float, tokens_s: float) -> dict[str, Any]:
    """As a worker is told: the emulator's quota by real minutes."""
    return {
        "bedrock": {"judges": {"strict": SONNET}, "region": "us-east-1", "endpoint_url": url},
        "judges": {
            "path": str(path),
            "requests_per_minute": {"strict": requests_s * 60},
            "tokens_per_minute": {"strict": tokens_s * 60},
            "burst_s": 0.5,
            "breaker_open_s": 1.0,
        },
    }


def script(requests_s: float, tokens_s: float, **more: Any) -> Script:
    """The same quota as the emulator is told."""
    quotas = Quotas(
        requests_per_minute=round(requests_s * MINUTE_S),
        tokens_per_minute=round(tokens_s * MINUTE_S),
        minute_s=MINUTE_S,
    )
    # As the table of models says of this one.
    return Script(latency_ms=LATENCY_MS, quotas=quotas, burndown=5, **more)


class Crew:
    """Workers, and what they say at their end."""

    def __init__(self, processes: list[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    @classmethod
    @asynccontextmanager
    async def at_work(
        cls, told: dict[str, Any], questions: int, in_hand: int, workers: int = 3
    ) -> AsyncIterator[Crew]:
        """So many that are ready and have begun."""
        command = [
            sys.executable,
            "-m",
            "tests.support.judging_worker",
            orjson.dumps(told).decode(),
        ]
        processes = [
            await asyncio.create_subprocess_exec(
                *leashed([*command, f"worker {n}", str(questions), str(in_hand)]),
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
            )
            for n in range(workers)
        ]
        crew = cls(processes)
        try:
            for process in processes:
                assert await crew.line(process) == b"ready\n"
            yield crew
        finally:
            await crew.end()

    async def line(self, process: asyncio.subprocess.Process) -> bytes:
        """The next line that one says."""
        assert process.stdout is not None
        async with asyncio.timeout(300):
            return await process.stdout.readline()

    async def said(self) -> list[dict[str, Any]]:
        """What each says when it has asked all."""
        return [orjson.loads(await self.line(process)) for process in self._processes]

    async def end(self) -> None:
        """None of them is left behind."""
        for process in self._processes:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def test_three_processes_share_a_quota(tmp_path: Path) -> None:
    """All are judged, and only what was throttled was asked again; together they keep the quota.

    What is used is what the emulator has settled, over what the quota's own file grants meanwhile.
    """
    requests_s, tokens_s = 60.0, 12_000.0
    async with Emulator(script(requests_s, tokens_s)) as emulator:
        told = settings(emulator.url, tmp_path / "judges.db", requests_s, tokens_s)
        async with Crew.at_work(told, 55, 24) as crew:
            said = await crew.said()
        entries = emulator.journal.document()["entries"]
    assert [one["verdicts"] for one in said] == [55] * 3, said
    assert Counter(entry["status"] for entry in entries)[200] == 165
    assert {entry["status"] for entry in entries} <= {200, 429}
    began_s = entries[-1]["began_s"] - entries[0]["began_s"]
    used = sum(entry["settled_tokens"] for entry in entries)
    # What may be taken at once, and what comes while they ask.
    assert used <= tokens_s * (MINUTE_S + began_s + LATENCY_MS[1] / 1_000)


def failed(emulator: Emulator) -> int:
    """How many calls have met the outage so far."""
    return sum(entry["status"] == 503 for entry in emulator.journal.document()["entries"])


async def test_an_outage_loses_nothing_and_drains_by_itself(tmp_path: Path) -> None:
    """All are judged, none is held out; each worker has few more than its twenty failures.

    A replay, by a process that starts anew, costs no call.
    """
    requests_s, tokens_s = 60.0, 60_000.0
    well = script(requests_s, tokens_s)
    async with Emulator(well) as emulator:
        told = settings(emulator.url, tmp_path / "judges.db", requests_s, tokens_s)
        async with Crew.at_work(told, 90, IN_HAND) as crew:
            emulator.play(script(requests_s, tokens_s, rates={"unavailable": 1.0}))
            began = time.monotonic()
            for _ in range(1_200):
                await asyncio.sleep(0.1)
                if failed(emulator) >= 60:
                    break
            # Twenty failures each have come; from now on it goes on as long again.
            await asyncio.sleep(3.0)
            in_vain, away_s = failed(emulator), time.monotonic() - began
            emulator.play(well)
            said = await crew.said()
        entries = emulator.journal.document()["entries"]
        assert [one["verdicts"] for one in said] == [90] * 3, said
        assert [one["held_out"] for one in said] == [0] * 3
        # What was in hand when the breakers opened, then single calls, at most one a second each.
        assert 60 <= in_vain <= 3 * (20 + IN_HAND + away_s + 1)
        assert sum(e["outcome"] == "answered" for e in entries) == 270
        before = emulator.journal.document()["calls"]
        async with Crew.at_work(told, 90, IN_HAND, workers=1) as crew:
            again = await crew.said()
        assert [one["from_memo"] for one in again] == [90]
        assert emulator.journal.document()["calls"] == before
