"""What mypy is asked, and how its word is taken."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.adapters.sandbox.harness.python_types import checked, version

SOURCES = {
    "def f(n: int) -> int:\n    return n + 1": ("value", ""),
    "def f(n: int) -> int:\n    return str(n)": ("error", "return-value"),
    "def f(n):\n    return missing": ("error", "name-defined"),
    "import no_such_package, yaml\nx = 1\nx = 'a'\nrows = []": ("value", ""),
    "# mypy: ignore-errors\nx: int = ''  # type: ignore": ("error", "assignment"),
    "x: int = 'error: y [z]'": ("error", "assignment"),
}


@pytest.fixture(autouse=True)
def interpreter_as_it_was() -> Iterator[None]:
    """Checking sets the process's limit of recursion and its garbage collector."""
    depth, thresholds = sys.getrecursionlimit(), gc.get_threshold()
    yield
    sys.setrecursionlimit(depth)
    gc.set_threshold(*thresholds)
    gc.enable()
    gc.unfreeze()


@pytest.mark.parametrize(("source", "ending"), SOURCES.items(), ids=range(len(SOURCES)))
def test_types_are_told_apart(
    source: str, ending: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong types and names are errors; style and absent packages are not; none is silenced."""
    monkeypatch.chdir(tmp_path)
    assert checked(source) == ending
    assert [path.name for path in tmp_path.iterdir()] == ["program.py"]


def test_the_checker_is_named() -> None:
    """With mypy among the packages its version is there."""
    ended, name = version()
    assert ended == "value"
    assert name.startswith("mypy-")
