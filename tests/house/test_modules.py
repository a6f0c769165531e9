"""Modules and functions keep the size and the opening that the house asks for."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

from tests.house.tree import code_modules, functions, modules_of_tests, parsed, short

MAX_MODULE_LINES = 350
MAX_MEDIAN_LINES = 80
MAX_FUNCTION_LINES = 50
# Metric evaluation, process top levels, and the record path in the pipeline.
MAX_BROAD_HOMES = 3


def lines(path: Path) -> int:
    """How long a module is."""
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_is_long() -> None:
    """No module of code or tests has more than 350 lines."""
    modules = (*code_modules(), *modules_of_tests())
    assert [short(path) for path in modules if lines(path) > MAX_MODULE_LINES] == []


def test_most_modules_are_short() -> None:
    """The median module of the package has fewer than 80 lines."""
    sizes = [lines(path) for path in code_modules() if path.name != "__init__.py"]
    assert median(sizes) < MAX_MEDIAN_LINES


def test_no_function_is_long() -> None:
    """No function of the package has more than 50 lines, docstring and all."""
    long = [
        f"{short(path)}:{function.lineno} {function.name}"
        for path in code_modules()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_every_module_opens_with_one_sentence() -> None:
    """The first line of a module's docstring is a sentence that says what it holds."""
    modules = [
        *code_modules(),
        *(path for path in modules_of_tests() if path.name != "__init__.py"),
    ]
    mute = [
        short(path)
        for path in modules
        if not (ast.get_docstring(parsed(path)) or "").partition("\n")[0].endswith((".", "!"))
    ]
    assert mute == []


def broad(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches everything and keeps it."""
    named = (
        {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
        if (handler.type)
        else {"Exception"}
    )
    raises = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    return bool(named & {"Exception", "BaseException"}) and not raises


def test_broad_excepts_have_three_homes_at_most() -> None:
    """`except Exception` that does not raise again has three homes in the package at most."""
    homes = {
        short(path)
        for path in code_modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler) and broad(node)
    }
    assert len(homes) <= MAX_BROAD_HOMES, homes
