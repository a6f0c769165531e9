"""The metric that CONTRIBUTING shows works as printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT

METRIC, REGISTRY, TEST = re.findall(
    r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL
)


def test_the_metric_passes_the_test_beside_it(tmp_path: Path) -> None:
    """The file and its test, as a reader would copy them, pass, and ruff has nothing to say."""
    (tmp_path / "distinct_words.py").write_text(METRIC, encoding="utf-8")
    (tmp_path / "test_distinct_words.py").write_text(
        TEST.replace("plimsoll.metrics.distinct_words", "distinct_words"), encoding="utf-8"
    )
    for command in (
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        [
            "ruff",
            "check",
            "--config",
            str(ROOT / "pyproject.toml"),
            f"{tmp_path}/distinct_words.py",
        ],
        ["ruff", "format", "--check", "--config", str(ROOT / "pyproject.toml"), str(tmp_path)],
    ):
        tool = (
            command
            if command[0] != "ruff"
            else [f"{Path(sys.executable).parent}/ruff", *command[1:]]
        )
        answer = subprocess.run(tool, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_registrys_lines_fit_where_they_go() -> None:
    """The registry has the shape that the two lines are shown for."""
    registry = (ROOT / "services/plimsoll/metrics/registry.py").read_text(encoding="utf-8")
    import_line, _, entry = REGISTRY.partition("\n\n")
    assert re.search(r"^from plimsoll\.metrics\.\w+ import \w+$", import_line)
    assert re.search(r"^        \w+\(\),$", entry.rstrip(), re.MULTILINE)
    assert re.search(r"^        ResponseLength\(\),$", registry, re.MULTILINE)
