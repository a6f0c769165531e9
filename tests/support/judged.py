"""Scorers as processes whose plan asks an emulated judge about every result."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from plimsoll.settings.model import Settings
from tests.support.bedrock import IDENTITY, QWEN
from tests.support.emulator_process import EmulatorProcess

# Variables of a scorer besides its settings.
JUDGED = IDENTITY
PANEL = "judge_correctness"
PLAN = """\
panels: [{{name: {panel}, rubric: correctness, judges: [only]}}]
rules: [{{metrics: [response_length], panels: [{panel}], deadline: {deadline_s}s}}]
max_hold: {max_hold_s}s
"""


def ask_emulator(
    settings: Settings,
    emulator: EmulatorProcess,
    directory: Path,
    *,
    deadline_s: int = 60,
    max_hold_s: int = 900,
) -> None:
    """Lets these settings' scorers ask one judge on that emulator, with a plan of its own."""
    plan = directory / "judged.yaml"
    plan.write_text(
        PLAN.format(panel=PANEL, deadline_s=deadline_s, max_hold_s=max_hold_s), encoding="utf-8"
    )
    settings.scorer.plan_file = plan
    settings.judges.path = directory / "judges.db"
    settings.judges.busy_timeout_ms = 120_000
    settings.bedrock.judges = {"only": QWEN}
    settings.bedrock.region = "us-east-1"
    settings.bedrock.endpoint_url = emulator.url
    settings.bedrock.connect_timeout_s = 60.0


def journal(emulator: EmulatorProcess) -> dict[str, Any]:
    """What the emulator has seen and said."""
    with urllib.request.urlopen(f"{emulator.url}/emulator/journal") as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def play_script(emulator: EmulatorProcess, **script: object) -> None:
    """Lets the emulator play another script from now on."""
    request = urllib.request.Request(
        f"{emulator.url}/emulator/script", data=json.dumps(script).encode(), method="PUT"
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 204
