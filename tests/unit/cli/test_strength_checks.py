"""What the doctor says of one's own strengths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plimsoll.cli.__main__ import main
from plimsoll.cli.findings import Finding, Health
from plimsoll.cli.judging import plan_of_command
from plimsoll.cli.strength_checks import strength_findings
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.judges import BedrockSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.models import ModelSettings
from plimsoll.settings.scorer import ScorerSettings
from plimsoll.settings.strengths import StrengthSettings
from tests.support.tiny_models import make_embedder

PANEL = """\
panels:
  - name: sound
    rubric: correctness
    judges: [one]
rules:
  - metrics: all
    panels: [sound]
"""


def row(metric: str, version: str, **more: str) -> dict[str, Any]:
    """A figure of a metric."""
    return {
        "metric": metric, "version": version, "task_kind": "open_qa", "language": "en",
        "auroc": 0.7, "lower": 0.6, "upper": 0.8, "level": 0.9, "labels": 90, "dataset": "tickets",
        **more,
    }  # fmt: skip


def checked(folder: Path, *rows: dict[str, Any], **sections: Any) -> Finding:
    """The one finding on a file of these rows."""
    file = folder / "strengths.json"
    table = {"schema": 1, "made_on": "2026-01-31", "strengths": rows}
    file.write_text(json.dumps(table), encoding="utf-8")
    (found,) = strength_findings(Settings(strengths=StrengthSettings(file=file), **sections))
    return found


def test_without_a_file_nothing_is_said() -> None:
    """A file is optional."""
    assert strength_findings(Settings()) == []


def test_a_file_of_what_runs_here_is_well(tmp_path: Path) -> None:
    """Its name, its day, how many figures of which data."""
    found = checked(tmp_path, row("response_length", "1"), row("exact_match_rate", "1"))
    assert found.health is Health.OK
    assert "made on 2026-01-31: 2 figures of tickets" in found.found


def test_figures_of_nothing_here_are_named(tmp_path: Path) -> None:
    """Of a metric that there is none of, of another version, and of a model that is not set."""
    found = checked(
        tmp_path,
        row("response_length", "1"),
        row("response_length", "0", language="de"),
        row("sense", "1"),
        row("embedding_cosine", "1", model="mine@1"),
        row("embedding_cosine", "1"),
    )
    assert found.health is Health.NOTE
    assert "5 figures of tickets; 4 stand for nothing here: " in found.found
    for said in (
        "embedding_cosine 1 (by no model)",
        "embedding_cosine 1 (by mine@1, which is not configured)",
        "response_length 0 (here it is 1)",
        "sense 1 (no such metric)",
    ):
        assert said in found.found
    assert "strengths learn" in found.remedy


def test_many_are_counted(tmp_path: Path) -> None:
    """A file of a thousand strange figures does not fill the screen."""
    found = checked(tmp_path, *(row(f"sense_{number:03}", "1") for number in range(300)))
    assert found.health is Health.FAILED
    assert "300 stand for nothing here: sense_000 1 (no such metric)" in found.found
    assert found.found.endswith("and 295 more")


def test_a_file_without_figures_is_noted(tmp_path: Path) -> None:
    """It is read, and says nothing."""
    found = checked(tmp_path)
    assert (found.health, "holds no figure" in found.found) == (Health.NOTE, True)


def test_the_configured_model_is_known(tmp_path: Path) -> None:
    """A figure by the model that is configured stands; by another it does not."""
    (tmp_path / "tiny").mkdir()
    models = ModelSettings(embedder=str(make_embedder(tmp_path / "tiny")))
    embedder = build_tools(ToolSettings.of(Settings(models=models))).embedder
    assert embedder is not None
    mine = row("embedding_cosine", "1", model=embedder.name)
    assert checked(tmp_path, mine, models=models).health is Health.OK
    strange = checked(tmp_path, row("embedding_cosine", "1", model="tiny@0"), models=models)
    assert strange.health is Health.FAILED


def test_panels_of_the_plan_are_metrics_too(tmp_path: Path) -> None:
    """What judges say is measured under the name and version that the plan's panel gives it."""
    file = tmp_path / "plan.yaml"
    file.write_text(PANEL, encoding="utf-8")
    bedrock, scorer = BedrockSettings(judges={"one": "m"}), ScorerSettings(plan_file=file)
    plan = plan_of_command(None, Settings(bedrock=bedrock, scorer=scorer))
    version = plan.rules[0].panels[0].rubric.version
    rows = [row("sound", version, model="m"), row("sound_posterior", version)]
    assert checked(tmp_path, *rows, bedrock=bedrock, scorer=scorer).health is Health.OK
    found = checked(tmp_path, row("sound", "0"), bedrock=bedrock, scorer=scorer)
    assert f"sound 0 (here it is {version})" in found.found


def test_a_file_that_cannot_be_read_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says so among its other checks, and ends with 1."""
    file = tmp_path / "strengths.json"
    file.write_text("[]", encoding="utf-8")
    monkeypatch.setenv("PLIMSOLL_STRENGTHS__FILE", str(file))
    assert main(["doctor", "--offline", "--json"]) == 1
    checks = {one["check"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["strengths"]["health"] == "failed"
    assert "no table of strengths" in checks["strengths"]["found"]
