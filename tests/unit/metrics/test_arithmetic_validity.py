"""Equations in running text: which are read, and which hold."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import TaskKind
from plimsoll.metrics.arithmetic_validity import ArithmeticValidity
from plimsoll.metrics.equations import equations
from plimsoll.metrics.evaluate import evaluate
from tests.unit.metrics.grounded import cut_out, reason
from tests.unit.metrics.results import result

METRIC = ArithmeticValidity()


def held(text: str) -> list[tuple[str, bool]]:
    """Equations as written, and whether they hold."""
    return [(text[one.start : one.end], one.holds) for one in equations(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So 12 * 3 = 36 apples.", [("12 * 3 = 36", True)]),
        ("So 12 x 3 = 35.", [("12 x 3 = 35", False)]),
        ("<<12*3=36>>36", [("12*3=36", True)]),
        ("2 + 3 * 4 = 14", [("2 + 3 * 4 = 14", True)]),
        ("(2 + 3) * 4 = 20", [("(2 + 3) * 4 = 20", True)]),
        ("2^3^2 = 512", [("2^3^2 = 512", True)]),
        ("10 - 4 - 3 = 3", [("10 - 4 - 3 = 3", True)]),
        ("It is -3 + 5 = 2", []),
        ("It is: -3 + 5 = 2", [("-3 + 5 = 2", True)]),
        ("$1,200 / 12 = $100", [("1,200 / 12 = $100", True)]),
        ("10 / 3 = 3.33", [("10 / 3 = 3.33", True)]),
        ("10 / 3 = 3.34", [("10 / 3 = 3.34", True)]),
        ("10 / 3 = 3.4", [("10 / 3 = 3.4", True)]),
        ("10 / 3 = 3.5", [("10 / 3 = 3.5", False)]),
        ("10 / 3 = 3", [("10 / 3 = 3", False)]),
        ("10 / 3 \u2248 3.3", [("10 / 3 \u2248 3.3", True)]),
        ("5 / 20 = 25%", [("5 / 20 = 25%", True)]),
        ("20% * 50 = 10", [("20% * 50 = 10", True)]),
        (r"3 \times 4 = 12", [(r"3 \times 4 = 12", True)]),
        ("2 + 2 = 4 = 1 + 3", [("2 + 2 = 4", True), ("4 = 1 + 3", True)]),
        ("2 + 2 = 5 = 1 + 3", [("2 + 2 = 5", False), ("5 = 1 + 3", False)]),
        ("1. 6 + 1 = 7", [("6 + 1 = 7", True)]),
    ],
)
def test_equations_are_read_and_worked_out(text: str, expected: list[tuple[str, bool]]) -> None:
    """Precedence, brackets, signs, currency, percent, rounding to the last decimal, chains."""
    assert held(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "3x = 12",
        "2x + 3 = 7",
        "x - 5 = 2",
        "a + 5 * 2 = 20",
        "f(2) = 3 + 1",
        "x_2 = 3 + 1",
        "y = 7",
        "5 = 5",
        "1 / 0 = 7",
        "9^9^9 = 1",
        "2 ^ -1 = 0.5",
        "a == b",
        "2 + = 4",
        "= 4",
        "",
    ],
)
def test_what_has_letters_or_no_value_is_no_equation(text: str) -> None:
    """Unknowns, functions, statements without an operator, and divisions by nought are let pass."""
    assert held(text) == []


def test_the_share_and_the_offsets_of_what_does_not_hold() -> None:
    """One of two holds; evidence cuts the other out."""
    text = "\U0001d518 First 2 + 2 = 4, then 4 * 4 = 17."
    score = evaluate(METRIC, result(text, kind=TaskKind.MATH))
    assert score.value == 0.5
    assert cut_out(score, "false_equation", text) == ["4 * 4 = 17"]


@pytest.mark.parametrize("kind", [TaskKind.CODE, TaskKind.OPEN_QA])
def test_code_and_prose_have_no_equations(kind: TaskKind) -> None:
    """In code `1 + 1 = 3` is no statement about numbers."""
    text = "1 + 1 = 3" if kind is TaskKind.CODE else "Paris"
    assert reason(evaluate(METRIC, result(text, kind=kind))) is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize(
    "unit",
    ["=", "1=", "1+", "(", "1+1=", "-", "9^9=", "1/3=", "((1)", "9" * 29 + "*", "x", "1 x 1="],
)
def test_hostile_runs_cost_bounded_steps(unit: str) -> None:
    """Fifty thousand characters of nearly equations give no more of them than there are marks."""
    text = unit * (50_000 // len(unit))
    assert len(equations(text)) <= text.count("=")
