"""Every registered metric reads through texts that are made to be hard to read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import (
    Alternative,
    Code,
    Document,
    Expectations,
    LlmResult,
    Message,
    Response,
    TaskKind,
)
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics

CHARS = 20_000
METRICS = registered_metrics()
UNITS = {
    "quotes": '"',
    "quoted words": '"one two three" ',
    "open brackets": "([{",
    "citations": "[1,",
    "equations": "1+1=",
    "digits": "9",
    "grouped digits": "1,111.",
    "capitals": "A. ",
    "full stops": ".",
    "exclamations": "!)",
    "mail": "a@",
    "addresses": "http://",
    "questions": "?\n",
    "marks": "\u0301",
    "astral": "\U0001d518 ",
    "words": "tower ",
}


def hostile(unit: str, kind: TaskKind) -> LlmResult:
    """A result that is made of one thing everywhere."""
    text = unit * (CHARS // len(unit))
    return LlmResult(
        key=ResultKey("demo", "r"),
        response=Response(text=text, reasoning=text),
        task_kind=kind,
        language="en",
        messages=(Message("user", text),),
        context=(Document(text=text, id="1"), Document(text=text[: CHARS // 2], id="doc-2")),
        alternatives=(Alternative(Response(text=text[1:])),),
        code=Code(text, "sql") if kind is TaskKind.CODE else None,
        expectations=Expectations(
            json_schema='{"minimum": 1}', regex="x", enumeration=(text,), references=(text[2:],)
        ),
    )


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_hostile_text_is_read_through(unit: str) -> None:
    """Each metric answers with a number or a reason; what takes long says so beforehand.

    The text is small enough for a linear reading and too large for a quadratic one: that would
    end at the suite's time-out.
    """
    answer = hostile(unit, TaskKind.GROUNDED_QA)
    for metric in METRICS:
        score = evaluate(metric, answer)
        assert not isinstance(score.outcome, Absence) or (
            score.outcome.reason != "internal_error"
        ), score.metric
        assert metric.work(replace(answer, response=Response(text=""))) <= metric.work(answer)


@pytest.mark.parametrize("unit", ["((", "select ", "not ", "- "])
def test_hostile_code_is_read_through(unit: str) -> None:
    """The same for code: nesting that would exhaust a stack is an absence."""
    answer = hostile(unit, TaskKind.CODE)
    for metric in METRICS:
        outcome = evaluate(metric, answer).outcome
        assert not isinstance(outcome, Absence) or outcome.reason != "internal_error"
