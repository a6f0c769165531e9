"""What `plimsoll doctor` says of secrets that services watch."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.cli.checks import offline_findings
from plimsoll.cli.findings import Finding, Health
from plimsoll.settings.model import Settings


def found(folder: Path | None) -> list[Finding]:
    """What is said of that folder."""
    findings = offline_findings(Settings(watched_secrets=folder))
    return [one for one in findings if one.check == "watched secrets"]


def test_a_folder_that_can_be_read_is_well(tmp_path: Path) -> None:
    """It is named; where none is watched nothing is said."""
    (tmp_path / "nonce").write_text("secret", encoding="utf-8")
    (one,) = found(tmp_path)
    assert (one.health, one.remedy) == (Health.OK, "")
    assert str(tmp_path) in one.found
    assert found(None) == []


def test_a_folder_that_is_not_there_is_a_note(tmp_path: Path) -> None:
    """Whoever asks may not be where the services run."""
    (one,) = found(tmp_path / "none")
    assert (one.health, one.found) == (Health.NOTE, f"{tmp_path / 'none'} is not there")
    assert one.remedy


@pytest.mark.parametrize("inside", [".", "folder"])
def test_what_cannot_be_read_fails(tmp_path: Path, inside: str) -> None:
    """A file in its place, or a folder among the secrets: no change would be seen."""
    watched = tmp_path / "watched"
    if inside == ".":
        watched.write_text("secret", encoding="utf-8")
    else:
        (watched / inside).mkdir(parents=True)
    (one,) = found(watched)
    assert one.health is Health.FAILED
    assert one.found.startswith(f"{watched / inside} cannot be read")
    assert one.remedy
