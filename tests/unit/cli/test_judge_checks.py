"""What the doctor and the check of plans say of judges."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.cli.checks import offline_findings
from plimsoll.cli.commands.settings import check
from plimsoll.cli.findings import Health
from plimsoll.cli.judge_checks import judge_findings
from plimsoll.settings.judges import BedrockSettings, OpenAiSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.scorer import ScorerSettings

NAMED = {"known": "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "new": "somebody.new-v1:0"}


async def test_without_judges_all_is_well() -> None:
    """Judges are optional."""
    (found,) = await judge_findings(Settings())
    assert found.health is Health.OK


async def test_each_judge_has_its_finding() -> None:
    """A price is told with its day; where Bedrock's is unknown, what to do about it."""
    settings = Settings(
        bedrock=BedrockSettings(
            region="eu-west-1", judges=NAMED, guardrail_id="gr1", guardrail_version="3"
        ),
        openai=OpenAiSettings(judges={"own": "m"}, endpoint_url="http://127.0.0.1:1/v1"),
    )
    known, new, own, grounding = await judge_findings(settings)
    assert "0.0033 and 0.0165 USD" in known.found
    assert "2026-03-31" in known.found
    assert (new.health, "bedrock.models_file" in new.remedy) == (Health.NOTE, True)
    assert (own.check, own.health, own.remedy) == ("judge own", Health.OK, "")
    assert (grounding.check, grounding.health) == ("grounding", Health.OK)


async def test_what_cannot_be_meant_is_a_failure() -> None:
    """A guardrail without its version is found before the first result."""
    settings = Settings(
        bedrock=BedrockSettings(region="eu-west-1", judges=NAMED, guardrail_id="gr1")
    )
    (found,) = await judge_findings(settings)
    assert found.health is Health.FAILED
    assert "guardrail_version" in found.found


PLAN = """
panels: [{name: right, rubric: correctness, judges: [known]}]
rules: [{metrics: [], panels: [right]}]
"""


def test_a_plan_with_panels_knows_the_judges_of_the_settings(tmp_path: Path) -> None:
    """The doctor finds no fault with it; without the judge it does."""
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    scorer = ScorerSettings(plan_file=file)
    named = Settings(bedrock=BedrockSettings(judges=NAMED), scorer=scorer)
    first, *_ = offline_findings(named)
    assert (first.check, first.health) == ("scoring plan", Health.OK)
    first, *_ = offline_findings(Settings(scorer=scorer))
    assert first.health is Health.FAILED
    assert "there is no judge known" in first.found


def test_the_check_of_a_plan_reads_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`plimsoll plan check` knows the judges of a settings file."""
    file, config = tmp_path / "plan.yaml", tmp_path / "settings.yaml"
    file.write_text(PLAN, encoding="utf-8")
    config.write_text("bedrock: {judges: {known: x.y}}", encoding="utf-8")
    monkeypatch.delenv("PLIMSOLL_CONFIG", raising=False)
    assert check(file, config, as_json=True) == 0
    assert "version" in capsys.readouterr().out
