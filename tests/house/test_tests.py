"""Tests say what they prove, and none can be passed over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import functions, modules_of_tests, parsed, short

# Names that take a test out of the run, or put a stand-in for a real part into it.
BANNED = {"skip", "skipif", "skipIf", "importorskip", "xfail", "SkipTest", "mock"}


def banned_names(path: Path) -> Iterator[str]:
    """Uses of what no test may use."""
    for node in ast.walk(parsed(path)):
        names: set[str] = set()
        if isinstance(node, ast.Attribute):
            names = {node.attr}
        elif isinstance(node, ast.ImportFrom):
            names = {*(node.module or "").split("."), *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            names = {part for alias in node.names for part in alias.name.split(".")}
        for name in names & BANNED:
            yield f"{short(path)}:{getattr(node, 'lineno', 0)} {name}"


def test_every_test_states_its_fact() -> None:
    """Each test function has a docstring that is a sentence."""
    mute = [
        f"{short(path)}:{function.lineno} {function.name}"
        for path in modules_of_tests()
        if path.name.startswith("test_")
        for function in functions(path)
        if function.name.startswith("test_")
        and not (ast.get_docstring(function) or "").rstrip().endswith(".")
    ]
    assert mute == []


def test_no_test_is_passed_over_or_mocked() -> None:
    """No skip, no expected failure and no mock stands in any test."""
    assert [use for path in modules_of_tests() for use in banned_names(path)] == []


def test_every_folder_of_tests_is_a_package() -> None:
    """Names of test modules never clash, because each folder is a package."""
    bare = {
        short(path.parent)
        for path in modules_of_tests()
        if not (path.parent / "__init__.py").exists()
    }
    assert bare == set()
