"""Every registered metric says what it misses, and never stands a number in for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.metric import Need
from plimsoll.domain.result import (
    Alternative,
    Code,
    CodeTest,
    Document,
    Expectations,
    LlmResult,
    Message,
    ParentRef,
    Response,
    TaskKind,
    Tokens,
)
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.metric import Metric
from tests.support.fake_models import FAKE_TOOLS

TEXT = "Answer: 12 km, as the mark says."
TOKENS = Tokens(
    logprobs=(-0.1, -0.2),
    texts=("Answer: 12 km, ", "as the mark says."),
    top_k=2,
    top_logprobs=(-0.1, -3.0, -0.2, -2.0),
)
ANSWER = Response(TEXT, tokens=TOKENS, reasoning="6 + 6 = 12. The answer is 12 km.")
FULL = LlmResult(
    key=ResultKey("demo", "r"),
    response=ANSWER,
    task_kind=TaskKind.GROUNDED_QA,
    language="en",
    messages=(Message("user", "How far is it? f(1) == 2"),),
    comparison=ANSWER,
    context=(Document("The mark says 12 km.", id="1"),),
    alternatives=(Alternative(ANSWER), Alternative(replace(ANSWER, text="Answer: 13 km"))),
    code=Code("def f(n): return n + 1", "python", "f", (CodeTest("t", "assert f(1) == 2"),)),
    expectations=Expectations('{"minimum": 1}', ".*", (TEXT,), (TEXT,)),
    parents=(ParentRef("p", 0.9),),
)
METRICS = registered_metrics(FAKE_TOOLS)
TOOLS = {
    Need.EMBEDDING_MODEL,
    Need.ENTAILMENT_MODEL,
    Need.SANDBOX,
    Need.TYPE_CHECKER,
    Need.GUARDRAIL,
}


def expecting(**fields: object) -> LlmResult:
    """The full result, with some expectations taken away."""
    assert FULL.expectations is not None
    return replace(FULL, expectations=replace(FULL.expectations, **fields))  # type: ignore[arg-type]  # of their types


def answering(**fields: object) -> LlmResult:
    """The full result, with a part of its response taken away."""
    return replace(FULL, response=replace(ANSWER, **fields))  # type: ignore[arg-type]  # of their types


WITHOUT: Mapping[Need, Callable[[], LlmResult]] = {
    Need.RESPONSE_TEXT: lambda: answering(text=""),
    Need.TOKEN_LOGPROBS: lambda: answering(tokens=None),
    Need.TOP_LOGPROBS: lambda: answering(tokens=replace(TOKENS, top_k=0, top_logprobs=())),
    Need.REASONING: lambda: answering(reasoning=""),
    Need.ALTERNATIVES: lambda: replace(FULL, alternatives=()),
    Need.CONTEXT: lambda: replace(FULL, context=()),
    Need.JSON_SCHEMA: lambda: expecting(json_schema=""),
    Need.REGEX: lambda: expecting(regex=""),
    Need.ENUMERATION: lambda: expecting(enumeration=()),
    Need.REFERENCES: lambda: expecting(references=()),
    Need.REQUEST_TEXT: lambda: replace(FULL, messages=()),
    Need.COMPARISON: lambda: replace(FULL, comparison=None),
    Need.CODE: lambda: replace(FULL, code=None),
    Need.CODE_TESTS: lambda: replace(FULL, code=replace(FULL.code or Code(""), tests=())),
    Need.PARENTS: lambda: replace(FULL, parents=()),
}


def test_every_input_that_a_metric_may_need_can_be_taken_away() -> None:
    """Each need of the catalogue is one of the result's here, or a tool."""
    assert set(Need) == WITHOUT.keys() | TOOLS


@pytest.mark.parametrize("need", WITHOUT, ids=lambda need: need.value)
def test_without_a_need_there_is_no_number(need: Need) -> None:
    """A metric whose need is not there is absent for that reason, however much else there is."""
    without = WITHOUT[need]()
    for metric in METRICS:
        if need in metric.spec.needs:
            assert isinstance(evaluate(metric, without).outcome, Absence), metric.spec.name


def test_an_empty_result_has_no_number_at_all() -> None:
    """Where nothing was sent, no metric has a value, and none says that this is its own fault."""
    empty = LlmResult(key=ResultKey("demo", "r"), response=Response(""))
    outcomes = {metric.spec.name: evaluate(metric, empty).outcome for metric in METRICS}
    assert [name for name, one in outcomes.items() if not isinstance(one, Absence)] == []
    assert {one.reason for one in outcomes.values() if isinstance(one, Absence)} <= {
        "input_missing",
        "insufficient_samples",
        "not_applicable",
        "not_configured",
    }


def says(metric: Metric) -> str:
    """Why a metric without its tool has no number for the full result."""
    outcome = evaluate(metric, FULL).outcome
    return outcome.reason.value if isinstance(outcome, Absence) else "a value"


def test_without_its_tool_a_metric_is_not_configured() -> None:
    """No model and no sandbox: `not_configured`, for each metric that needs one."""
    needing = [m for m in registered_metrics() if TOOLS & set(m.spec.needs)]
    assert len(needing) > 15
    assert {m.spec.name: says(m) for m in needing if says(m) != "not_configured"} == {}
