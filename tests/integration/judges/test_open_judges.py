"""The judges that the settings name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from plimsoll.adapters.bedrock.judge import BedrockJudge
from plimsoll.adapters.judges import open_grounding, open_judges
from plimsoll.adapters.openai_judge.judge import OpenAiJudge
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.judges import BedrockSettings, OpenAiSettings
from tests.support.counting_telemetry import Figures

BEDROCK = BedrockSettings(region="us-east-1", judges={"b": "amazon.nova-pro-v1:0", "a": "x.y"})


async def test_every_judge_has_its_own_connection() -> None:
    """Names come in their order, each with its model; nothing is sent for it."""
    openai = OpenAiSettings(judges={"aa": "m"}, endpoint_url="http://127.0.0.1:1/v1")
    found = open_judges(BEDROCK, openai, Figures())
    assert [(name, judge.model) for name, judge in found.items()] == [
        ("a", "x.y"),
        ("aa", "m"),
        ("b", "amazon.nova-pro-v1:0"),
    ]
    kinds = [type(judge.connection) for judge in found.values()]
    assert kinds == [BedrockJudge, OpenAiJudge, BedrockJudge]
    assert found["a"].connection is not found["b"].connection
    for judge in found.values():
        await judge.connection.close()


@pytest.mark.parametrize(
    ("openai", "word"),
    [
        (OpenAiSettings(judges={"a": "m"}, endpoint_url="http://x/v1"), "rename one"),
        (OpenAiSettings(judges={"c": "m"}), "openai.endpoint_url"),
    ],
)
def test_settings_that_cannot_be_meant_are_named(openai: OpenAiSettings, word: str) -> None:
    """One name for two judges, or judges without an endpoint."""
    with pytest.raises(ConfigurationError, match=word):
        open_judges(BEDROCK, openai, Figures())


def test_a_scorer_without_judges_loads_no_client_of_theirs() -> None:
    """Importing the scorer and opening no judge leaves boto3 and aiohttp where they are."""
    program = (
        "import sys, plimsoll.scorer.app\n"
        "from plimsoll.adapters.judges import open_judges\n"
        "from plimsoll.settings.model import Settings\n"
        "open_judges(Settings().bedrock, Settings().openai, None)\n"
        "print(sorted({'boto3', 'botocore', 'aiohttp'} & set(sys.modules)))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stdout) == (0, "[]\n"), answer.stderr


async def test_grounding_is_there_where_a_guardrail_is_named() -> None:
    """Without one there is none; with one its version has to be pinned."""
    assert open_grounding(BEDROCK, Figures()) is None
    named = BEDROCK.model_copy(update={"guardrail_id": "gr1"})
    with pytest.raises(ConfigurationError, match="guardrail_version"):
        open_grounding(named, Figures())
    check = open_grounding(named.model_copy(update={"guardrail_version": "3"}), Figures())
    assert check is not None
    await check.close()
