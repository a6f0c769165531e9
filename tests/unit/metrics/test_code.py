"""Metrics that run code: what they make of what programs do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Need
from plimsoll.domain.result import Code
from plimsoll.domain.score import Score
from plimsoll.metrics.behaviour_agreement import BehaviourAgreement
from plimsoll.metrics.code_compiles import CodeCompiles
from plimsoll.metrics.code_running import UsesSandbox
from plimsoll.metrics.code_runs import CodeRuns
from plimsoll.metrics.code_type_checks import CodeTypeChecks
from plimsoll.metrics.dual_execution_agreement import DualExecutionAgreement
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.functional_entropy import FunctionalEntropy
from plimsoll.metrics.generated_tests import GeneratedTests
from plimsoll.metrics.output_agreement import OutputAgreement
from plimsoll.metrics.registry import registered_metrics
from plimsoll.metrics.supplied_tests import SuppliedTests
from plimsoll.ports.sandbox import Answer, Ask, Ended, Run
from tests.support.fake_sandbox import FINE, Does, TableSandbox, values
from tests.unit.metrics.code_results import code_result
from tests.unit.metrics.results import result

ERROR = Answer(Ended.ERROR, "ValueError")
LIMIT = Answer(Ended.EXHAUSTED, "limit")
UNSTABLE = Answer(Ended.UNSTABLE)
INVALID = Answer(Ended.ERROR, "InvalidTest")
UNREADABLE = Run(Answer(Ended.ERROR, "SyntaxError"), Answer(Ended.ERROR, "SyntaxError"))
# An odd and an even input, over and over.
TABLE: dict[str, Does] = {
    "def f(n): a": values("1", "2"),
    "def f(n): b": values("1", "2"),
    "def f(n): half": values("1", "3"),
    "def f(n): none": values("8", "9"),
    "def f(n): error": [FINE, ERROR],
    "def f(n): limit": [LIMIT],
    "def f(n): unstable": [UNSTABLE],
    "def f(n): broken": UNREADABLE,
    "def f(n): late": Absence(AbsenceReason.TIMED_OUT, "late"),
}
A, B, HALF, NONE, LIMITED, SHAKY, BROKEN, LATE = (
    f"def f(n): {name}"
    for name in ("a", "b", "half", "none", "limit", "unstable", "broken", "late")
)


def table(**sources: Does) -> TableSandbox:
    """A sandbox in which the sources above, by the last word, do other things."""
    return TableSandbox({f"def f(n): {name}": does for name, does in sources.items()})


def score(metric: type[UsesSandbox], source: str, *samples: str) -> Score:
    """A metric's score where programs do what the table says."""
    return evaluate(metric(TableSandbox(TABLE)), code_result(source, *samples))  # type: ignore[arg-type]  # each is a metric


def test_soft_agreement_is_the_mean_over_inputs_and_alternatives() -> None:
    """One alternative agrees on all inputs, one on half of them, one on none: a half."""
    assert score(OutputAgreement, A, B, HALF, NONE).value == pytest.approx(0.5)


def test_hard_agreement_counts_alternatives_that_agree_throughout() -> None:
    """Of the same three, one does the same on every input."""
    assert score(BehaviourAgreement, A, B, HALF, NONE).value == pytest.approx(1 / 3)


def test_functional_entropy_is_that_of_the_golden_clusters() -> None:
    """Five programs in clusters of three, one and one: 0.950270539 nats, 0.409563717 of 1."""
    found = score(FunctionalEntropy, A, B, A, HALF, NONE)
    assert found.raw_value == pytest.approx(0.950270539)
    assert found.value == pytest.approx(0.409563717)


@pytest.mark.parametrize("odd", [LIMITED, SHAKY, BROKEN])
def test_what_has_no_behaviour_agrees_with_nothing(odd: str) -> None:
    """Two programs at a limit, or that change, or are broken, agree neither with each other."""
    for metric in (OutputAgreement, BehaviourAgreement):
        assert score(metric, odd, odd, A, B).value == 0.0
    # Two programs alone and two alike: (1/4, 1/4, 1/2).
    assert score(FunctionalEntropy, odd, odd, A, B).value == pytest.approx(0.25)


def test_what_was_not_tried_is_no_disagreement() -> None:
    """Requests after too many at their limit are left out of the comparison, not held against."""
    mine = [FINE, LIMIT, Answer(Ended.UNTRIED)]
    metric = OutputAgreement(table(x=mine, y=[FINE], z=[FINE]))
    found = evaluate(metric, code_result("def f(n): x", "def f(n): y", "def f(n): z"))
    assert found.value == pytest.approx(0.5, abs=0.05)


def test_inputs_on_which_nothing_gives_a_value_do_not_count() -> None:
    """An error that all programs share says that the input was wrong, not that they are right."""
    metric = OutputAgreement(table(x=[*values("1"), ERROR], y=[*values("2"), ERROR]))
    assert evaluate(metric, code_result("def f(n): x", "def f(n): y")).value == 0.0
    nothing = OutputAgreement(table(a=[ERROR], b=[ERROR]))
    absence = evaluate(nothing, code_result(A, B)).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INPUT_INVALID


def test_a_timed_out_program_is_no_evidence() -> None:
    """An alternative that the machine was too slow for is left out; the code itself is absent."""
    found = score(OutputAgreement, A, B, LATE)
    assert (found.value, found.flags) == (1.0, ("low_sample", "samples_excluded"))
    for source, sample in ((LATE, A), (A, LATE)):
        absence = score(OutputAgreement, source, sample).absence
        assert absence is not None
        assert absence.reason is AbsenceReason.TIMED_OUT


def test_programs_are_run_once_for_all_metrics() -> None:
    """Three metrics in a row run the code and each different alternative once."""
    sandbox = TableSandbox(TABLE)
    given = code_result(A, B, B, HALF)
    for metric in (OutputAgreement, BehaviourAgreement, FunctionalEntropy):
        evaluate(metric(sandbox), given)
    assert len(sandbox.ran) == 3


def test_all_programs_get_the_same_inputs() -> None:
    """Inputs come from the request's example and the delivered code's parameters, for everyone."""
    sandbox = TableSandbox(TABLE)
    evaluate(OutputAgreement(sandbox), code_result(A, B))
    first, second = (program.requests for program in sandbox.ran)
    assert first == second
    assert first[0].text == "(1,)"
    assert len(first) > 10


def test_compiling_is_one_or_nothing() -> None:
    """A broken program is 0 with the error's type, any other 1."""
    assert score(CodeCompiles, A).value == 1.0
    broken = score(CodeCompiles, BROKEN)
    assert (broken.value, broken.evidence[0].text) == (0.0, "SyntaxError")


def test_running_counts_the_calls_that_the_request_shows() -> None:
    """Of two calls one raises: a half; what does not compile was never run."""
    metric = CodeRuns(table(a=[FINE, ERROR], broken=UNREADABLE))
    found = evaluate(metric, code_result(A, prompt="f(1) == 2 and f(3) == 4"))
    assert (found.value, found.evidence[0].text) == (0.5, "error ValueError")
    absence = evaluate(metric, code_result(BROKEN)).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_APPLICABLE


def test_supplied_tests_give_a_share_and_name_what_failed() -> None:
    """Two of three valid tests pass; the fourth is no code and is left out."""
    answers = [FINE, FINE, ERROR, Answer(Ended.ERROR, "InvalidTest")]
    metric = SuppliedTests(table(a=answers))
    found = evaluate(metric, code_result(A, tests=["one", "two", "three", "four"]))
    assert found.value == pytest.approx(2 / 3)
    assert found.interval is not None
    assert found.interval.lower < 2 / 3 < found.interval.upper
    assert [(item.ref, item.text) for item in found.evidence] == [("t3", "ValueError")]
    assert found.flags == ("invalid_tests",)


def test_code_that_cannot_be_loaded_passes_no_test() -> None:
    """Without a program every test has failed."""
    metric = SuppliedTests(table(broken=UNREADABLE))
    assert evaluate(metric, code_result(BROKEN, tests=["one"])).value == 0.0


def test_tests_are_made_of_examples() -> None:
    """Each example with its output becomes one assertion, in the order of the request."""
    sandbox = table(a=[FINE])
    prompt = "Like this:\n>>> f(1)\n2\nf(2) -> [3, 4]; f(g(1)) == 2; f(5)\n`f('a b')` # => 'c'"
    evaluate(GeneratedTests(sandbox), code_result(A, prompt=prompt))
    [program] = sandbox.ran
    assert [request.text for request in program.requests] == [
        "assert f(1) == 2",
        "assert f(2) == [3, 4]",
        "assert f(g(1)) == 2",
        "assert f('a b') == 'c'",
    ]
    assert {request.ask for request in program.requests} == {Ask.TEST}


def test_without_examples_there_is_no_test() -> None:
    """No example is no failure."""
    absence = evaluate(GeneratedTests(TableSandbox(TABLE)), code_result(A, prompt="f")).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_APPLICABLE


PASS_TWO = [FINE, FINE, ERROR]
PASS_ONE = [FINE, ERROR, ERROR]
THREE_EXAMPLES = "f(1) == 2; f(2) == 3; f(3) == 5"


def dual(source: str, *samples: str, prompt: str = THREE_EXAMPLES) -> Score:
    """The score of dual execution agreement where programs pass the tests that their names say."""
    sandbox = table(
        two=PASS_TWO, too=PASS_TWO, one=PASS_ONE, none=[ERROR], broken=UNREADABLE, invalid=[INVALID]
    )
    programs = [f"def f(n): {name}" for name in (source, *samples)]
    return evaluate(DualExecutionAgreement(sandbox), code_result(*programs, prompt=prompt))


def test_dual_agreement_is_the_consensus_set_times_its_tests() -> None:
    """Three of five programs pass the same two of three tests: CodeT's 6, of 15 at most."""
    found = dual("two", "too", "two", "one", "none")
    assert found.raw_value == 6.0
    assert found.value == pytest.approx(6 / 15)
    assert found.evidence[0].text == "2 of 4 alternatives pass the same 2 of 3 tests"


def test_agreement_on_passing_nothing_is_worth_nothing() -> None:
    """A consensus of programs that fail every test, or cannot be loaded, scores 0."""
    assert dual("none", "none", "none").value == 0.0
    assert dual("broken", "broken", "two").value == 0.0


def test_dual_agreement_needs_examples_that_are_code() -> None:
    """Without examples it does not apply; where none is code, nothing can be said."""
    reasons = []
    for found in (dual("two", "too", prompt="f"), dual("invalid", "invalid")):
        assert found.absence is not None
        reasons.append(found.absence.reason)
    assert reasons == [AbsenceReason.NOT_APPLICABLE, AbsenceReason.INPUT_INVALID]


def checks(loaded: Answer, language: str = "python") -> Score:
    """The score of type checks where the checker ends so."""
    sandbox = TableSandbox({A: Run(FINE, loaded)})
    return evaluate(CodeTypeChecks(sandbox), code_result(A, language=language))


def test_type_checks_are_one_or_nothing() -> None:
    """No error is 1, an error 0 with its kind; the checker is part of the provenance."""
    fine, wrong = checks(FINE), checks(Answer(Ended.ERROR, "arg-type"))
    assert (fine.value, wrong.value, wrong.evidence[0].text) == (1.0, 0.0, "arg-type")
    assert ("checker", "python_types-table") in fine.provenance


def test_a_checker_without_a_verdict_is_no_failure() -> None:
    """At its limits, or on code that it cannot read, or for another language, it says nothing."""
    silent = (LIMIT, Answer(Ended.ERROR, "unreadable"), Answer(Ended.ERROR, "crash"))
    found = [*map(checks, silent), checks(FINE, "javascript")]
    assert [score.absence.reason for score in found if score.absence] == [
        AbsenceReason.INPUT_TOO_LARGE,
        AbsenceReason.INPUT_INVALID,
        AbsenceReason.INPUT_INVALID,
        AbsenceReason.TOOLCHAIN_MISSING,
    ]


def test_without_a_sandbox_nothing_is_said() -> None:
    """Every metric that runs code answers `not_configured`, and says so at once."""
    given = code_result(A, B, tests=["one"])
    for metric in registered_metrics():
        if metric.spec.family is Family.CODE:
            assert Need.SANDBOX in metric.spec.needs
            absence = evaluate(metric, given).absence
            assert absence is not None
            assert absence.reason is AbsenceReason.NOT_CONFIGURED
            assert metric.work(given) < 1_000


def test_a_language_without_a_toolchain_is_named() -> None:
    """What nothing here runs is `toolchain_missing`; a name that is none is not repeated."""
    for language, said in (("cobol", "'cobol'"), ("rm -rf /", "that is not named")):
        given = code_result(A, language=language)
        absence = evaluate(CodeCompiles(TableSandbox(TABLE)), given).absence
        assert absence == Absence(
            AbsenceReason.TOOLCHAIN_MISSING, f"no toolchain for the language {said}"
        )


def test_results_without_code_are_none_of_their_business() -> None:
    """A result that holds no code is `not_applicable`."""
    absence = evaluate(CodeCompiles(TableSandbox(TABLE)), result("Paris")).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_APPLICABLE


def test_long_code_is_refused() -> None:
    """Code beyond the bound is not run."""
    given = replace(code_result(A), code=Code("#" * 100_000, "python", "f"))
    absence = evaluate(CodeCompiles(TableSandbox(TABLE)), given).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INPUT_TOO_LARGE
