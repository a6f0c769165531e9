"""A dead letter comes back by command: refused as it is, scored once it is mended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import scene
from tests.support.environment import environment
from tests.support.load import Outgoing, llm_result, produce, single
from tests.support.services import PROGRAM

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 5101


def plimsoll(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", PROGRAM, *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


async def test_a_mended_dead_letter_is_scored(settings: Settings, tmp_path: Path) -> None:
    """`plimsoll dlq redrive` refuses what would be parked again, and brings a mended one back."""
    async with scene(settings, tmp_path, SEED) as play:
        whole = llm_result(play.chance, "mended").SerializeToString()
        truncated = Outgoing(b"acme/mended", whole[:-7], (None,))
        good = [single(play.chance, f"r{number}") for number in range(20)]
        play.fleet.scorer(settings)
        await produce(play.bootstrap, play.results, [*good[:10], truncated, *good[10:]])
        run = await play.settled()
        assert [letter.value for letter in run.dead] == [truncated.value]
        assert "acme/mended" not in {row.key for row in run.rows or ()}

        listed = plimsoll(settings, "dlq", "list", "--json")
        assert listed.returncode == 0, listed.stderr
        (letter,) = json.loads(listed.stdout)
        refused = plimsoll(settings, "dlq", "redrive", letter["position"])
        assert refused.returncode == 1
        assert "would be parked again" in refused.stderr

        saved, mended = tmp_path / "saved", tmp_path / "mended"
        shown = plimsoll(settings, "dlq", "show", letter["position"], "--save", str(saved))
        assert shown.returncode == 0, shown.stderr
        assert saved.read_bytes() == truncated.value
        mended.write_bytes(whole)
        sent = plimsoll(settings, "dlq", "redrive", letter["position"], "--value", str(mended))
        assert sent.returncode == 0, sent.stderr
        run = await play.settled()
    (event,) = [event for event in run.scored if event.key == "acme/mended"]
    (again,) = [record for record in run.inputs if record.value == whole]
    assert (event.source.partition, event.source.offset) == (again.partition[1], again.offset)
    assert "acme/mended" in {row.key for row in run.rows or ()}
    assert len(run.dead) == 1
