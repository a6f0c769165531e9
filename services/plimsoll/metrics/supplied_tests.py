"""How many of the tests that came with the request the delivered code passes."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.code_running import UsesSandbox
from plimsoll.metrics.code_testing import measured, no_tests_of


class SuppliedTests(UsesSandbox):
    """Passed over valid tests, with a 90% interval of Beta(1/2 + passed, 1/2 + failed).

    A test is an assertion, a function named test, `check(candidate)`, or a unittest; what is no
    valid code is left out. A test that runs into a limit has failed. Code that looks for its own
    tests in the interpreter can cheat them: a pass is evidence, not proof.
    """

    spec = MetricSpec(
        name="supplied_tests",
        version="1",
        family=Family.CODE,
        summary="Share of the tests sent with the code that it passes.",
        needs=(Need.CODE, Need.CODE_TESTS, Need.SANDBOX),
        source="the producer's tests",
        raw_scale="share of tests passed",
    )

    def work(self, _result: LlmResult) -> int:
        """One start of the sandbox."""
        return self.steps(1)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence names the tests that failed."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        return no_tests_of(subject) or measured(subject, sandbox, subject.code.tests)
