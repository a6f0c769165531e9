"""Values that were made quickly are values like all others."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult, Response, ToolCall

PLAIN = Response("Paris", finish_reason="stop")
QUICK = quick(Response)("Paris", finish_reason="stop")


def test_a_quick_value_is_of_the_class_itself() -> None:
    """Class, equality, hash and text are those of a value that was made the usual way."""
    assert type(QUICK) is Response
    assert QUICK == PLAIN
    assert hash(QUICK) == hash(PLAIN)
    assert repr(QUICK) == repr(PLAIN)


def test_a_quick_value_is_frozen() -> None:
    """Nothing can be set once it is made."""
    with pytest.raises(FrozenInstanceError):
        QUICK.text = "Rome"  # type: ignore[misc] # what is being tried


def test_a_quick_value_travels() -> None:
    """It is copied and pickled to other processes as any value is."""
    assert pickle.loads(pickle.dumps(QUICK)) == PLAIN
    assert copy.copy(QUICK) == PLAIN


def test_arguments_are_checked() -> None:
    """What is required is required, and what is unknown is refused."""
    with pytest.raises(TypeError, match="arguments"):
        quick(ToolCall)("id", "name")  # type: ignore[call-arg] # missing on purpose
    with pytest.raises(TypeError, match="novel"):
        quick(Response)(novel=1)  # type: ignore[call-arg] # unknown on purpose


def test_defaults_are_the_classs_own() -> None:
    """Every default of a result comes out as the class has it."""
    key = ResultKey("acme", "r-1")
    made, usual = quick(LlmResult)(key, PLAIN), LlmResult(key, PLAIN)
    for field in fields(LlmResult):
        assert getattr(made, field.name) == getattr(usual, field.name)
