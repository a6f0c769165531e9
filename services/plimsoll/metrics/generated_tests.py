"""How many of the examples in the request the delivered code reproduces."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import CodeTest, LlmResult
from plimsoll.metrics.code_inputs import Example, examples_of
from plimsoll.metrics.code_running import Subject, UsesSandbox
from plimsoll.metrics.code_testing import measured, no_tests_of
from plimsoll.metrics.given import request_texts
from plimsoll.ports.sandbox import Toolchain

MAX_TESTS = 30
NO_EXAMPLE = Absence(AbsenceReason.NOT_APPLICABLE, "the request shows no example to test")


class GeneratedTests(UsesSandbox):
    """Passed over tests that are made of the request's examples, with a Beta interval.

    An example is a call with what it gives: a doctest, or `f(1) == 2`, `f(1) -> 2` and the like,
    in the request or in the code's own documentation.
    """

    spec = MetricSpec(
        name="generated_tests",
        version="1",
        family=Family.CODE,
        summary="Share of the examples shown in the request that the code reproduces.",
        needs=(Need.CODE, Need.SANDBOX),
        source="examples of the request; after CodeT, arXiv:2207.10397",
        raw_scale="share of examples reproduced",
    )

    def work(self, _result: LlmResult) -> int:
        """One start of the sandbox."""
        return self.steps(1)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence names the examples that failed by their place."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        absence = no_tests_of(subject)
        if absence is not None:
            return absence
        tests = example_tests(result, subject)
        if not tests:
            return NO_EXAMPLE
        return measured(subject, sandbox, tests)


def example_tests(result: LlmResult, subject: Subject) -> tuple[CodeTest, ...]:
    """A test for each example that the request shows with what it gives."""
    examples = {
        example: None
        for text in (*request_texts(result), subject.source)
        for example in examples_of(text, subject.entry_point, subject.toolchain)
        if example.expected
    }
    return tuple(
        CodeTest(f"example {place}", _assertion(example, subject))
        for place, example in enumerate(list(examples)[:MAX_TESTS], 1)
    )


def _assertion(example: Example, subject: Subject) -> str:
    call = f"{subject.entry_point}({example.arguments})"
    if subject.toolchain is Toolchain.JAVASCRIPT:
        return f"assert.deepEqual({call}, {example.expected})"
    return f"assert {call} == {example.expected}"
