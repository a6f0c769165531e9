"""Programs in three languages, in the real sandbox: what they give, and that it stays so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.adapters.sandbox.sandbox import BubblewrapSandbox
from plimsoll.domain.metric import Family
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.sandbox import Ask, Ended, Program, Request, Toolchain
from plimsoll.ports.tools import Tools
from tests.support.sandboxes import endings, python, ran, real_sandbox
from tests.unit.metrics.code_results import code_result

PYTHON = code_result(
    "def f(n):\n    return n - 1",
    "```python\ndef f(n: int) -> int:\n    return n + 1\n```",
    "def f(n): return 1 + n",
    "def f(n) return",
    tests=["def check(candidate):\n    assert candidate(0) == 1", "assert f(1) == 0"],
)
JAVASCRIPT = code_result(
    "/** @param {string} s */\nexport const f = (s) => [...s].reverse().join('') === s;",
    "```js\nfunction f(s) { return s === s.split('').reverse().join(''); }\n```",
    "function f(s) { return true; }",
    prompt="f(s) tells palindromes. f('aba') // => true; f('ab') === false",
    language="javascript",
    tests=["assert.equal(f('xyx'), true)", "assert.ok(f('xy'))", "assert.("],
)
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL); names above 5"
SQL = code_result(
    "SELECT name FROM t WHERE price > 5",
    "SELECT name FROM t WHERE NOT price <= 5 ORDER BY id DESC",
    "SELECT nme FROM t",
    prompt=TABLE,
    language="sql",
    entry_point="",
)


@pytest.fixture(scope="module")
def sandbox() -> BubblewrapSandbox:
    """The real one. Its limits of CPU time decide here, on a busy machine, too: not the clock's."""
    return real_sandbox(wall_s=240)


def scores(sandbox: BubblewrapSandbox, given: LlmResult) -> dict[str, float | str]:
    """Values of the code metrics, or the reasons of their absences."""
    found: dict[str, float | str] = {}
    for metric in registered_metrics(Tools(sandbox=sandbox)):
        if metric.spec.family is Family.CODE:
            score = evaluate(metric, given)
            found[metric.spec.name] = (
                score.absence.reason.value if score.absence else round(score.value or 0.0, 3)
            )
    return found


def test_python_is_compiled_run_tested_and_compared(sandbox: BubblewrapSandbox) -> None:
    """A wrong function: it compiles and runs, fails the example and a test, and stands alone."""
    assert scores(sandbox, PYTHON) == {
        "behaviour_agreement": 0.0,
        "code_compiles": 1.0,
        "code_runs": 1.0,
        "code_type_checks": "toolchain_missing",
        "dual_execution_agreement": 0.0,
        "functional_entropy": 0.25,
        "generated_tests": 0.0,
        "output_agreement": 0.0,
        "supplied_tests": 0.5,
    }


def test_javascript_is_too(sandbox: BubblewrapSandbox) -> None:
    """A right function: it passes what is valid and right, and agrees with its like."""
    found = scores(sandbox, JAVASCRIPT)
    assert found["code_compiles"] == found["code_runs"] == found["generated_tests"] == 1.0
    assert found["supplied_tests"] == 0.5
    assert found["behaviour_agreement"] == 0.5
    # Of the two examples the other program passes one.
    assert found["dual_execution_agreement"] == pytest.approx(2 / 3, abs=0.001)
    assert 0.5 < float(found["output_agreement"]) < 1.0


def test_queries_are_compared_as_bags(sandbox: BubblewrapSandbox) -> None:
    """The same rows agree, an order that only one of them asks for does not; no test is run."""
    found = scores(sandbox, SQL)
    assert found["code_compiles"] == found["code_runs"] == found["code_type_checks"] == 1.0
    assert found["supplied_tests"] == found["generated_tests"] == "not_applicable"
    assert found["dual_execution_agreement"] == "not_applicable"
    alike = replace(
        SQL, alternatives=code_result("", "SELECT name FROM t WHERE 5 < price").alternatives
    )
    assert scores(sandbox, alike)["behaviour_agreement"] == 1.0


def test_a_query_whose_tables_nobody_has_shown_is_no_failure(sandbox: BubblewrapSandbox) -> None:
    """Without a table there is nothing to bind or run it on; with one a wrong column is a 0."""
    untold = code_result("SELECT name FROM t", prompt="all names", language="sql", entry_point="")
    found = scores(sandbox, untold)
    assert found["code_compiles"] == 1.0
    assert found["code_runs"] == found["code_type_checks"] == "input_missing"
    wrong = code_result("SELECT nme FROM t", prompt=TABLE, language="sql", entry_point="")
    assert scores(sandbox, wrong)["code_type_checks"] == 0.0


@pytest.mark.parametrize("given", [PYTHON, JAVASCRIPT, SQL], ids=["python", "javascript", "sql"])
def test_another_sandbox_says_the_same(given: LlmResult) -> None:
    """Two sandboxes that share nothing give the same scores, bit for bit, in any order."""
    backwards = replace(given, alternatives=given.alternatives[::-1])
    metrics = [registered_metrics(Tools(sandbox=real_sandbox())) for _ in range(2)]
    for one, other in zip(*metrics, strict=True):
        if one.spec.family is Family.CODE:
            assert evaluate(one, given) == evaluate(other, backwards)


def test_chance_and_clocks_do_not_make_a_number(sandbox: BubblewrapSandbox) -> None:
    """Chance is seeded and repeats itself; what the clock or the system's chance gives does not."""
    source = """
import os, random, time
X = random.random()
def f(what):
    all = {"random": random.random(), "load": X, "time": time.time(), "system": os.urandom(8)}
    return all[what]
"""
    asked = python(source, "('random',)", "('load',)", "('time',)", "('system',)")
    first, second = ran(sandbox, asked), ran(sandbox, asked)
    assert first == second
    assert [answer.ended for answer in first.answers] == [
        Ended.VALUE, Ended.VALUE, Ended.UNSTABLE, Ended.UNSTABLE,
    ]  # fmt: skip


def test_sets_and_addresses_are_the_same_in_every_run(sandbox: BubblewrapSandbox) -> None:
    """Order of sets and addresses in texts differ between processes, and are not looked at."""
    source = "class C: pass\ndef f(): return {'a', 'b', C}, str(C()), list({'x', 'y', 'z'})"
    assert ran(sandbox, python(source, "()")) == ran(sandbox, python(source, "()"))


def test_after_two_limits_no_more_are_tried(sandbox: BubblewrapSandbox) -> None:
    """A program that never ends costs two requests' time, not that of all of them."""
    source = "def f(n):\n    while n: pass\n    return n"
    assert endings(sandbox, python(source, "(0,)", *(f"({n},)" for n in range(1, 9)))) == [
        Ended.VALUE,
        *[Ended.EXHAUSTED] * 2,
        *[Ended.UNTRIED] * 6,
    ]


def test_javascript_has_limits_for_each_request(sandbox: BubblewrapSandbox) -> None:
    """An endless request is cut off by its CPU time, and the one after it is answered."""
    source = "function f(n) { while (n) ; return Math.random(); }"
    asked = tuple(Request(Ask.CALL, text) for text in ("[0]", "[1]", "[0]"))
    run = ran(sandbox, Program(Toolchain.JAVASCRIPT, source, "f", asked))
    assert [answer.ended for answer in run.answers] == [
        Ended.VALUE, Ended.EXHAUSTED, Ended.VALUE,
    ], run  # fmt: skip
    assert run.answers[0] == run.answers[2]


def test_a_greedy_javascript_program_is_exhausted(sandbox: BubblewrapSandbox) -> None:
    """Memory outside the heap counts as well as that inside."""
    source = "function f(how) { const all = []; for (;;) all.push(how ? Buffer.alloc(1 << 20, 1) : "
    source += "new Array(1000).fill(1.5)); }"
    asked = (Request(Ask.CALL, "[0]"), Request(Ask.CALL, "[1]"))
    run = ran(sandbox, Program(Toolchain.JAVASCRIPT, source, "f", asked))
    assert {answer.ended for answer in run.answers} <= {Ended.EXHAUSTED, Ended.ERROR}


def test_scripts_are_told_by_what_they_print(sandbox: BubblewrapSandbox) -> None:
    """A program without a function reads its input and is known by its output."""
    program = Program(
        Toolchain.PYTHON,
        "n = int(input())\nprint('yes' if n % 2 else 'no')",
        requests=(Request(Ask.SCRIPT, "3\n"), Request(Ask.SCRIPT, "5\n"), Request(Ask.SCRIPT, "")),
    )
    run = ran(sandbox, program)
    assert [answer.ended for answer in run.answers] == [Ended.VALUE, Ended.VALUE, Ended.ERROR], run
    assert run.answers[0] == run.answers[1]
    assert run.answers[2].output == "EOFError"
