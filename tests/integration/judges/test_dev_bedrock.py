"""The emulator as a command, for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.domain.judge_errors import JudgeFaultError
from tests.integration.cli.program import run
from tests.support.bedrock import CALL, IDENTITY, bedrock_judge, bedrock_settings
from tests.support.emulator_process import emulator_process


async def test_the_command_prints_the_setting_and_serves(tmp_path: Path) -> None:
    """Its first line is the variable that leads a judge to it, and it plays the script."""
    with emulator_process(tmp_path, steps=[{"fault": "throttling"}]) as emulator:
        judge = bedrock_judge(bedrock_settings(emulator.url))
        with pytest.raises(JudgeFaultError):
            await judge.ask(CALL, 120)
        assert (await judge.ask(CALL, 120)).verdict is not None
        await judge.close()


def test_sigterm_ends_it_well(tmp_path: Path) -> None:
    """Exit code 0, as an orchestrator expects."""
    with emulator_process(tmp_path) as emulator:
        pass
    assert emulator.code == 0


def test_a_wrong_script_is_a_wrong_command_line(tmp_path: Path) -> None:
    """Exit code 2, and what was probably meant."""
    file = tmp_path / "script.yaml"
    file.write_text("steps: [{fault: throtling}]", encoding="utf-8")
    ended = run(IDENTITY, "dev", "bedrock", "--port", "0", "--script", str(file))
    assert (ended.code, "throttling" in ended.err) == (2, True)
