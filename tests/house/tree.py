"""The project's files, as the house rules see them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ROOT / "services" / "plimsoll"
TESTS = ROOT / "tests"
GENERATED = CODE / "v1"


@cache
def code_modules() -> tuple[Path, ...]:
    """Modules of the package that people wrote."""
    return tuple(path for path in sorted(CODE.rglob("*.py")) if GENERATED not in path.parents)


@cache
def modules_of_tests() -> tuple[Path, ...]:
    """Modules of the tests, support and all."""
    return tuple(sorted(TESTS.rglob("*.py")))


@cache
def parsed(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def short(path: Path) -> str:
    """The path as people type it."""
    return str(path.relative_to(ROOT))


@cache
def tracked_files() -> tuple[Path, ...]:
    """Files that are, or are about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(set(filter(None, listed.stdout.split("\0"))))
    return tuple(path for path in (ROOT / name for name in names) if path.is_file())
