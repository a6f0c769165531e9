"""The search for the real parts finds what will do, and says what to install where nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import real_parts


def make_java(folder: Path, version: str) -> Path:
    """A stand-in that answers as a Java of that version does, on its error stream."""
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    java.chmod(0o755)
    return java


@pytest.mark.parametrize(
    ("version", "expected"), [("17.0.15", 17), ("21", 21), ("1.8.0_402", 1), ("25-ea", 25)]
)
def test_a_java_tells_its_version(tmp_path: Path, version: str, expected: int) -> None:
    """The feature version is read from what `java -version` prints, old style included."""
    assert real_parts.java_version(str(make_java(tmp_path, version))) == expected


def test_what_does_not_run_has_no_version(tmp_path: Path) -> None:
    """A path without a program counts as no Java at all."""
    assert real_parts.java_version(str(tmp_path / "java")) == 0


def test_java_home_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JAVA_HOME that is new enough wins over whatever else is installed."""
    java = make_java(tmp_path, "21.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert real_parts.find_java() == str(java)


def test_an_old_java_home_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Java that cannot run the broker is not taken, wherever it stands."""
    old = make_java(tmp_path, "11.0.2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert real_parts.find_java() != str(old)


def test_where_nothing_can_be_installed_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Java, root or apt-get the answer is a failure with instructions."""
    monkeypatch.setattr(real_parts, "java_candidates", list)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.delenv("PLIMSOLL_TEST_KAFKA", raising=False)
    assert real_parts.main() == 1
    instructions = capsys.readouterr().err
    assert "openjdk-17-jre-headless" in instructions
    assert "maven" in instructions
    assert "PLIMSOLL_TEST_KAFKA" in instructions


@pytest.mark.parametrize(("succeeds_at", "code"), [(1, 0), (3, 0), (4, 7)])
def test_what_fetches_is_tried_three_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, succeeds_at: int, code: int
) -> None:
    """A registry that is away for a moment costs a pause; from the second time on it looks anew."""
    monkeypatch.setattr(real_parts, "PAUSE_S", 0.0)
    told = tmp_path / "told"
    script = f'echo "$@" >> {told}; [ $(wc -l < {told}) -ge {succeeds_at} ] || exit 7'
    answer = real_parts.fetched("sh", "-c", script, "sh", "once", again=["anew"])
    assert answer.returncode == code
    expected = ["once", "once anew", "once anew"][:succeeds_at]
    assert told.read_text(encoding="utf-8").splitlines() == expected


def test_the_cache_is_outside_the_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The jars go where XDG_CACHE_HOME says, under the version's name."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert real_parts.cache_dir() == tmp_path / "plimsoll" / "kafka-4.3.1"


def test_the_sandbox_has_parts_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without bubblewrap, root or apt-get the answer names bubblewrap and Node.js too."""
    monkeypatch.setattr(real_parts, "SYSTEM_PATH", "/nonexistent")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.delenv("PLIMSOLL_TEST_KAFKA", raising=False)
    assert real_parts.main() == 1
    instructions = capsys.readouterr().err
    assert "bubblewrap" in instructions
    assert "nodejs" in instructions
