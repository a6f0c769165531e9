"""Laws that every registered metric keeps, whatever it is given."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.absence import Absence
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.metric import Family, Need
from plimsoll.domain.result import (
    Alternative,
    Code,
    CodeTest,
    ContentRef,
    Document,
    Expectations,
    LlmResult,
    Message,
    ParentRef,
    Response,
    TaskKind,
    ToolCall,
    Usage,
)
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.metric import Metric
from tests.properties.token_strategies import TRACES, any_tokens, orderly_tokens
from tests.support.fake_models import FAKE_TOOLS

METRICS = registered_metrics(FAKE_TOOLS)
FRAGMENTS = [
    "", " ", "?", "the", "A", "(b)", "1,000.5", "1e9", "-0", "{}", '{"a":1.0}', "[[", "```json\n",
    "```", "\x00", "ﬁ", "İ", "中文", "\u202e", "🎈", "\ud800", "e\u0301", "\n", "paris", "Paris.",
    '"', "\u201c", "\u201d", "\u00ab", "[1]", "[doc-1]", "(doc-9)", "((", "=", "2+2=4", "1/0=",
    "12%", "1.234,56", "5 km", "a@b.co", "https://", "10.1/x", "select ", "The Eiffel Tower ",
    "twenty-one",
]  # fmt: skip
SOURCES = [
    "x = 1", "def f(n: int, s: list[str]) -> int:\n    return n", "def f(a, b={}, *c): pass",
    "def f(((", "broken", "const f = (a, b) => a", "SELECT a FROM t WHERE b = 'x'",
    "def f(x):\n    '''>>> f([1, {2: 3}])\n    4\n    f('a') == \"b\"'''",
    "CREATE TABLE t (a INT, b TEXT NOT NULL, PRIMARY KEY (a))",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=40), st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join)
)
PATTERNS = st.one_of(TEXTS, st.sampled_from(["(a*)*b", r"\d+", ".*", "(", "a{1001}", "(?i)PARIS"]))
SCHEMAS = st.one_of(
    TEXTS,
    st.sampled_from(
        [
            '{"$ref":"#"}',
            "true",
            '{"type":"object"}',
            '{"type":1}',
            '{"pattern":"("}',
            "[]",
            '{"$id":""}',
        ]
    ),
)


@st.composite
def responses(draw: st.DrawFn) -> Response:
    """A response whose tokens are its own, trace and all, or anything."""
    text, trace = draw(TEXTS), draw(st.one_of(st.just(""), TRACES))
    tokens = st.one_of(st.none(), any_tokens(TEXTS), orderly_tokens(trace + text))
    return Response(
        text=text,
        tokens=draw(tokens),
        reasoning=trace,
        finish_reason=draw(st.sampled_from(["", "stop", "length"])),
        tool_calls=draw(st.sampled_from([(), (ToolCall("1", "f", "{}"),)])),
        content_ref=draw(st.sampled_from([None, ContentRef("s3://b/k", "0" * 64, 1)])),
    )


RESPONSES = responses()
RESULTS = st.builds(
    LlmResult,
    key=st.just(ResultKey("demo", "r")),
    response=RESPONSES,
    task_kind=st.sampled_from(TaskKind),
    language=st.sampled_from(["", "en", "de-AT", "zh"]),
    context=st.lists(
        st.builds(Document, text=TEXTS, id=st.sampled_from(["", "1", "doc-1", "doc-2"])), max_size=3
    ).map(tuple),
    alternatives=st.lists(
        st.builds(Alternative, response=RESPONSES, temperature=st.sampled_from([None, 0.7])),
        max_size=6,
    ).map(tuple),
    code=st.one_of(
        st.none(),
        st.builds(
            Code,
            source=st.one_of(st.sampled_from(SOURCES), TEXTS),
            language=st.sampled_from(["", "python", "js", "sql", "cobol"]),
            entry_point=st.sampled_from(["", "f", "g", "("]),
            tests=st.lists(st.builds(CodeTest, name=TEXTS, source=TEXTS), max_size=2).map(tuple),
        ),
    ),
    expectations=st.one_of(
        st.none(),
        st.builds(
            Expectations,
            json_schema=SCHEMAS,
            regex=PATTERNS,
            enumeration=st.lists(TEXTS, max_size=3).map(tuple),
            references=st.lists(TEXTS, max_size=3).map(tuple),
        ),
    ),
    messages=st.lists(
        st.builds(Message, role=st.sampled_from(["user", "assistant", "tool"]), text=TEXTS),
        max_size=2,
    ).map(tuple),
    usage=st.one_of(
        st.none(),
        st.builds(
            Usage, output_tokens=st.integers(0, 6), reasoning_output_tokens=st.integers(0, 6)
        ),
    ),
    parents=st.lists(
        st.builds(
            ParentRef,
            result_id=st.sampled_from("abc"),
            confidence=st.one_of(st.none(), st.floats(0, 1), st.floats()),
        ),
        max_size=4,
    ).map(tuple),
)
DECIDING = [metric for metric in METRICS if Need.REFERENCES not in metric.spec.needs]


# Each law draws a result and holds all metrics to it: drawing costs more than most metrics do.
def told_apart(one: LlmResult, other: LlmResult, metrics: Sequence[Metric] = METRICS) -> list[str]:
    """Names of the metrics that score the two results differently."""
    return [m.spec.name for m in metrics if evaluate(m, one) != evaluate(m, other)]


@given(result=RESULTS)
@settings(max_examples=400, deadline=None)
def test_a_score_is_a_value_in_range_or_a_typed_absence(result: LlmResult) -> None:
    """No input makes a metric raise, leave [0, 1], or give neither value nor reason."""
    for metric in METRICS:
        score = evaluate(metric, result)
        if isinstance(score.outcome, Absence):
            assert score.outcome.reason != "internal_error", (score.metric, score.outcome.detail)
        else:
            assert 0.0 <= score.outcome <= 1.0, score.metric
        assert score.raw_value is None or math.isfinite(score.raw_value), score.metric
        assert metric.work(result) > 0, score.metric


@given(result=RESULTS)
@settings(max_examples=300, deadline=None)
def test_evidence_stands_where_it_says(result: LlmResult) -> None:
    """Offsets lie inside the text that they refer to, and a text beside them is what is there."""
    places = {
        "response.text": result.response.text,
        "response.reasoning": result.response.reasoning,
    }
    places |= {f"context[{place}]": document.text for place, document in enumerate(result.context)}
    for metric in METRICS:
        for item in evaluate(metric, result).evidence:
            if item.start is None or item.end is None:
                continue
            text = places[item.ref]
            assert 0 <= item.start <= item.end <= len(text), metric.spec.name
            assert not item.text or text[item.start : item.end].startswith(item.text)


@given(result=RESULTS)
@settings(max_examples=100, deadline=None)
def test_the_same_result_gives_the_same_score(result: LlmResult) -> None:
    """An equal result, read anew, gives an equal score."""
    assert told_apart(result, replace(result)) == []


@given(result=RESULTS, data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_order_of_alternatives_does_not_matter(result: LlmResult, data: st.DataObject) -> None:
    """Samples are a bag: any order gives the same score, bit for bit."""
    shuffled = tuple(data.draw(st.permutations(result.alternatives)))
    assert told_apart(result, replace(result, alternatives=shuffled)) == []


@given(result=RESULTS)
@settings(max_examples=100, deadline=None)
def test_no_metric_sees_what_made_the_label(result: LlmResult) -> None:
    """Reference answers change no score of a metric that may decide; those made for them may."""
    expectations = result.expectations or Expectations()
    told = replace(expectations, references=("the right answer", result.response.text))
    hidden = replace(expectations, references=())
    told_result = replace(result, expectations=told)
    assert told_apart(told_result, replace(result, expectations=hidden), DECIDING) == []


def test_nothing_that_sees_a_right_answer_may_decide() -> None:
    """Metrics of the reference family are those that need references, and none of them decides."""
    specs = [metric.spec for metric in METRICS]
    told = {spec.name for spec in specs if Need.REFERENCES in spec.needs}
    assert told == {spec.name for spec in specs if spec.family is Family.REFERENCE} != set()
    assert not any(spec.may_decide for spec in specs if spec.name in told)


PROGRAM = """
from plimsoll.calibration.combine import Combination
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from tests.unit.metrics.results import result
from dataclasses import replace
from plimsoll.domain.result import Tokens, Expectations
from tests.support.fake_models import FAKE_TOOLS
r = result("Paris in 1,889", samples=["paris", "In Paris", "rome was x y z", "1889"],
           context=["Paris France", "1889 and more"],
           expectations=Expectations("{}", "P.*", ("a",)),
           tokens=Tokens((-.1, -.7), ("maybe so ", "Paris in 1,889"), top_k=2,
                         top_logprobs=(-.1, -3., -.7, -.9)))
r = replace(r, response=replace(r.response, reasoning="maybe so"),
            alternatives=tuple(replace(a, response=replace(a.response, tokens=r.response.tokens))
                               for a in r.alternatives))
scores = [evaluate(metric, r) for metric in registered_metrics(FAKE_TOOLS)]
print(scores, Combination.load_prior().combine(scores, r))
"""


def test_no_hash_seed_changes_a_score() -> None:
    """Processes with different hash seeds print the same scores and the same confidence."""
    printed = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(printed) == 1
    assert "sequence_probability" in printed.pop()
