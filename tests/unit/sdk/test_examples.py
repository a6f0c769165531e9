"""What the SDK's docstrings show is what happens."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import plimsoll.sdk

MODULES = sorted(
    module.name for module in pkgutil.iter_modules(plimsoll.sdk.__path__, "plimsoll.sdk.")
)


@pytest.mark.parametrize("name", ["plimsoll.sdk", *MODULES])
def test_the_examples_of_a_module_run(name: str) -> None:
    """Each example gives what is printed below it."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    """The ways to make a result each have one that is run."""
    found = doctest.DocTestFinder().find(plimsoll.sdk.LlmResult)
    shown = {test.name.rpartition(".")[2] for test in found if test.examples}
    assert {"from_text", "from_openai", "from_bedrock_converse"} <= shown
