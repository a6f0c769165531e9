"""The fixed results: some of the sample that ships, and some on which the other metrics answer."""

from __future__ import annotations

import gzip
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from plimsoll.calibration.lineage import learned
from plimsoll.domain.identity import ResultKey
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
    SampledBy,
    TaskKind,
    Tokens,
    ToolCall,
)
from plimsoll.wire.json_results import result_from_json
from tests.quality.build_sample import SAMPLE
from tests.support.fake_models import FAKE_TOOLS

# Of each set of the sample, in its order.
PER_SET = 6
# Models and a sandbox of a few lines: what a metric makes of their answers is what is held.
TOOLS = replace(
    FAKE_TOOLS, lineage=learned((place / 60, place % 5 > 1 or place > 50) for place in range(60))
)
_SCHEMA = (
    '{"type":"object","required":["city","people"],"properties":{"city":{"type":"string"},'
    '"people":{"type":"integer","minimum":1,"maximum":50000000}}}'
)
_DOCUMENTS = (
    (
        "The bridge of Lund was opened on 4 May 1932. It is 1,150 metres long and cost 12.5 "
        "million crowns. Anna Berg designed it."
    ),
    (
        "In 1960 the bridge was widened. Karl Holm said: “We had no choice but to widen it.” "
        "See https://lund.example/bridge for pictures."
    ),
)


def golden_results() -> dict[str, LlmResult]:
    """The results by their IDs, in one order."""
    found = [*_shipped(), *_made()]
    return {result.key.result_id: result for result in found}


def _shipped() -> Iterator[LlmResult]:
    seen = Counter[str]()
    with gzip.open(SAMPLE / "results.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            result = result_from_json(line)
            name = result.key.result_id.rpartition("-")[0]
            seen[name] += 1
            if seen[name] <= PER_SET:
                yield result


def _made() -> Iterator[LlmResult]:
    yield from _grounded()
    yield from _structured()
    yield from _coded()
    yield from _sampled()
    yield from _traced()
    yield from _related()


def _result(name: str, response: Response | str, kind: TaskKind, **facts: object) -> LlmResult:
    answer = Response(response, finish_reason="stop") if isinstance(response, str) else response
    bare = LlmResult(ResultKey("demo", name), answer, task_kind=kind, language="en")
    return replace(bare, **facts)  # type: ignore[arg-type]  # each call names fields of a result


def _samples(*texts: str) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(Response(text, finish_reason="stop"), SampledBy.PRODUCER, temperature=1.0)
        for text in texts
    )


def _grounded() -> Iterator[LlmResult]:
    """Responses that a context supports wholly, in part, and not at all."""
    texts = (
        "Anna Berg designed the bridge, which was opened on 4 May 1932 [1].",
        (
            "The bridge is 1,150 metres (1.15 km) long and cost 12.5 million crowns [1]. It was "
            "widened 28 years later, in 1960 [2]."
        ),
        (
            'Holm said "we had no choice but to widen it" [2] and "it will never be enough" [3]. '
            "See https://lund.example/bridge and https://malmo.example/bridge."
        ),
        (
            "Erik Dahl built it in 1951. 40 + 2 = 42. Then 7 x 8 = 54, and 12 * 3 = 36. He walked "
            "5 km = 5,000 m, and waited 3 hours = 200 minutes."
        ),
        "12 * 3 = 36. As Holm put it, “We had no choice but to widen it”. ISBN 978-3-16-148410-1.",
        "I cannot answer that.",
        (
            "La passerelle a été construite par Anna Berg, et elle est la plus longue du pays. "
            "Elle a été ouverte en mai. Écrivez à anna.berg@lund.example, ISBN 978-3-16-148410-0, "
            "ou voyez https://lund .example et doi:10.1000/182 [9]."
        ),
    )
    documents = tuple(Document(text, str(place)) for place, text in enumerate(_DOCUMENTS, 1))
    asked = (Message("user", "Who built the bridge of Lund, when, and how long is it?"),)
    for place, text in enumerate(texts, 1):
        yield _result(
            f"grounded-{place}",
            text,
            TaskKind.GROUNDED_QA if place % 2 else TaskKind.SUMMARIZATION,
            context=documents,
            messages=asked,
            expectations=Expectations(references=("Anna Berg, 1932, 1,150 m", "1932")),
        )


def _structured() -> Iterator[LlmResult]:
    """JSON that keeps to its schema or not, values of a list, patterns, and calls of tools."""
    texts = (
        '{"city": "Lund", "people": 91940}',
        '{"city": "Lund", "people": 0}',
        '{"city": "Malmö"}',
        "{city: Lund",
    )
    for place, text in enumerate(texts, 1):
        pieces = [text[at : at + 4] for at in range(0, len(text), 4)]
        logprobs = tuple(-0.03 * (1 + (7 * at) % 11) for at in range(len(pieces)))
        yield _result(
            f"json-{place}",
            Response(text, finish_reason="stop", tokens=Tokens(logprobs, tuple(pieces))),
            TaskKind.EXTRACTION,
            context=(Document("Lund has 91,940 people."),),
            alternatives=_samples(
                '{"city":"Lund","people":91940}', '{"people":91940,"city":"Lund"}', "none"
            ),
            expectations=Expectations(json_schema=_SCHEMA, references=(texts[0],)),
        )
    for place, text in enumerate(("high", "very high", "2026-11-27"), 1):
        yield _result(
            f"form-{place}",
            text,
            TaskKind.CLASSIFICATION,
            expectations=Expectations(
                regex=r"\d{4}-\d\d-\d\d|high", enumeration=("low", "high"), references=("High",)
            ),
        )
    calls = ('{"city":"Lund"}', '{"city":"Lund","days":4}', "Lund", '{"city":"Lund"}')
    for place, arguments in enumerate(calls, 1):
        others = [Response(tool_calls=(ToolCall("1", "weather", call),)) for call in calls]
        yield _result(
            f"tool-{place}",
            Response(tool_calls=(ToolCall("1", "weather", arguments),)),
            TaskKind.TOOL_USE,
            alternatives=tuple(Alternative(other, SampledBy.PRODUCER) for other in others),
        )


def _coded() -> Iterator[LlmResult]:
    """Code of three languages, with examples, tests and other programs."""
    sources = (
        "def f(n: int) -> int:\n    return n + 1\n",
        "def f(n: int) -> int:\n    return n * 2\n",
        "def f(n):\n    return broken(n)\n",
        "def f(n: int) -> str:\n    return n\n",
    )
    asked = "Write f(n: int).\n>>> f(1)\n2\n>>> f(2)\n3\n>>> f(5)\n6\n"
    tests = (CodeTest("one", "assert f(1) == 2"), CodeTest("two", "assert f(2) == 3"))
    for place, source in enumerate(sources, 1):
        others = (*sources[:place], *sources[place:], "def f(n):\n    return 1 + n\n")
        yield _result(
            f"code-{place}",
            source,
            TaskKind.CODE,
            messages=(Message("user", asked),),
            alternatives=_samples(*others),
            code=Code(source, "python", "f", tests),
        )
    for place, source in enumerate(
        ("SELECT a FROM t WHERE b = 'x' ORDER BY a", "SELEC a FRM t", "DELETE FROM t"), 1
    ):
        yield _result(
            f"sql-{place}", source, TaskKind.CODE, code=Code(source=source, language="sql")
        )


def _sampled() -> Iterator[LlmResult]:
    """Answers with their samples: all alike, divided, and all apart."""
    answers = (
        ("Paris", ("Paris", "paris.", "It is Paris")),
        ("The answer is 42.", ("42", "The answer is 41.", "So it is 42.", "I think 40")),
        ("It rose by five percent", ("It fell by ten", "No change at all", "Nobody knows")),
    )
    for place, (text, others) in enumerate(answers, 1):
        yield _result(
            f"sampled-{place}",
            Response(text, finish_reason="stop", tokens=_tokens(text, place)),
            (TaskKind.OPEN_QA, TaskKind.MATH, TaskKind.CHAT)[place - 1],
            alternatives=tuple(
                replace(one, response=replace(one.response, tokens=_tokens(one.response.text, at)))
                for at, one in enumerate(_samples(*others), 2)
            ),
            messages=(Message("user", "What is it?"),),
        )


def _tokens(text: str, seed: int) -> Tokens:
    """Log-probabilities and the best three alternatives of each word, by a rule."""
    pieces = [f" {word}" if place else word for place, word in enumerate(text.split(" "))]
    chances = [0.95 - 0.1 * ((3 * place + seed) % 7) for place in range(len(pieces))]
    tops = [math.log(p) for c in chances for p in (c, (1 - c) * 0.6, (1 - c) * 0.3)]
    return Tokens(tuple(map(math.log, chances)), tuple(pieces), 3, (), tuple(tops))


def _traced() -> Iterator[LlmResult]:
    """Responses with a trace that agrees with them, hedges, or ends elsewhere."""
    traces: Sequence[tuple[str, str]] = (
        ("17 plus 25 is 42. So the answer is 42.", "42"),
        ("Perhaps it is 41, or maybe 40. I am not sure. The answer is 40.", "41"),
        ("Wait, 63 pears cost 1,204 crowns, hmm. Then 34 minus 9 leaves 25.", "It is 1,300."),
    )
    for place, (trace, text) in enumerate(traces, 1):
        yield _result(
            f"trace-{place}",
            Response(text, reasoning=trace, tokens=_tokens(f"{trace} {text}", place)),
            TaskKind.MATH,
            messages=(Message("user", "Anna has 17 pears and buys 25. How many has she?"),),
            expectations=Expectations(references=("42",)),
        )


def _related() -> Iterator[LlmResult]:
    """Results that were made from others, and pairs that no judge has compared."""
    for place, confidences in enumerate(((0.9, 0.8), (0.3,), (0.99, 0.95, 0.6)), 1):
        yield _result(
            f"child-{place}",
            "A summary of summaries.",
            TaskKind.SUMMARIZATION,
            parents=tuple(ParentRef(f"p{at}", chance) for at, chance in enumerate(confidences)),
        )
