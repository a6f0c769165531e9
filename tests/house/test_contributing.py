"""The metric that CONTRIBUTING shows works as printed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from plimsoll.metrics.registry import GROUP
from tests.house.tree import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
METRIC, TEST = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
(ENTRY,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)


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


def test_the_entry_point_fits_where_it_goes() -> None:
    """Its table is the one that the registry reads, and its line names the class as shown."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (table,) = tomllib.loads(ENTRY)["project"]["entry-points"].items()
    assert table == (GROUP, {"distinct_words": "plimsoll.metrics.distinct_words:DistinctWords"})
    assert GROUP in project["entry-points"]
