"""Judges on an emulated Bedrock, as tests need them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from plimsoll.adapters.bedrock.judge import BedrockJudge
from plimsoll.adapters.bedrock.models import load_models
from plimsoll.adapters.emulator.scripts import Script
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.domain.judging import JudgeCall, VerdictForm
from plimsoll.settings.judges import BedrockSettings
from tests.support.counting_telemetry import Figures

SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
QWEN = "qwen.qwen3-32b-v1:0"
NONCE = "n0nce-4711"
SCHEMA = {
    "type": "object",
    "properties": {
        "rationale": {"type": "string"},
        "verdict": {"type": "string", "enum": ["pass", "fail"]},
        "score": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
        "nonce": {"type": "string"},
    },
    "required": ["rationale", "verdict", "score", "nonce"],
    "additionalProperties": False,
}
FORM = VerdictForm("record_verdict", "Records the verdict.", json.dumps(SCHEMA))
CALL = JudgeCall(
    model=SONNET,
    system="Judge the response.",
    material=f"Nonce: {NONCE}\nThe response is: Paris.",
    form=FORM,
    max_output_tokens=400,
)
# What boto3 would find on a machine of a developer, and must not.
IDENTITY = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "a-session-token",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def bedrock_settings(url: str, **changes: object) -> BedrockSettings:
    """Settings for an emulator, patient with a machine that stands still."""
    patient = {"connect_timeout_s": 60.0, "read_timeout_s": 60.0}
    return BedrockSettings.model_validate(
        {"region": "us-east-1", "endpoint_url": url, **patient, **changes}
    )


def bedrock_judge(settings: BedrockSettings) -> BedrockJudge:
    """A judge with telemetry of its own."""
    return BedrockJudge("a-judge", settings, load_models(), Figures())


@asynccontextmanager
async def emulated(
    script: Script, **changes: object
) -> AsyncIterator[tuple[BedrockJudge, Emulator]]:
    """A judge, and the emulator that it asks."""
    async with Emulator(script) as emulator:
        judge = bedrock_judge(bedrock_settings(emulator.url, **changes))
        try:
            yield judge, emulator
        finally:
            await judge.close()
