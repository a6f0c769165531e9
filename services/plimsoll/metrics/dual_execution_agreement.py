"""How many programs pass the tests that the delivered code passes, and how many tests those are."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.domain.score import Evidence
from plimsoll.metrics.code_behaviour import runs_of
from plimsoll.metrics.code_running import UsesSandbox
from plimsoll.metrics.code_testing import is_valid, no_tests_of
from plimsoll.metrics.code_text import alternative_sources
from plimsoll.metrics.generated_tests import NO_EXAMPLE, example_tests
from plimsoll.metrics.sampling import sample_flags, sampling_provenance
from plimsoll.ports.sandbox import Ask, Ended, Request, Run


class DualExecutionAgreement(UsesSandbox):
    """CodeT's score: programs in the delivered code's consensus set times tests that it passes.

    A consensus set holds the programs, the delivered one among them, that pass exactly the same
    tests. The value is the score over its greatest, all programs times all tests. The tests are
    made of the request's examples, as those of `generated_tests`; supplied ones are left out.
    """

    spec = MetricSpec(
        name="dual_execution_agreement",
        version="1",
        family=Family.CODE,
        summary="How many programs pass just the tests that the code passes, times those tests.",
        needs=(Need.CODE, Need.ALTERNATIVES, Need.SANDBOX),
        source="CodeT, arXiv:2207.10397",
        raw_scale="programs times tests",
    )

    def work(self, result: LlmResult) -> int:
        """A start of the sandbox for each program."""
        return self.steps(1 + len(result.alternatives))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The normalised score in [0, 1]; raw value is CodeT's own."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        absence = no_tests_of(subject)
        if absence is not None:
            return absence
        requests = [Request(Ask.TEST, test.source) for test in example_tests(result, subject)]
        if not requests:
            return NO_EXAMPLE
        sources = alternative_sources(result, subject.code, subject.toolchain)
        runs = runs_of(sources, subject, sandbox, requests)
        if isinstance(runs, Absence):
            return runs
        delivered, others = runs
        return _measured(result, delivered, others, subject.provenance)


def _measured(
    result: LlmResult, delivered: Run, others: Sequence[Run], provenance: Pairs
) -> Measurement | Absence:
    programs = (delivered, *others)
    # A test that is no code is none for any program; where none was loaded, none is known.
    valid = {
        place for run in programs for place, answer in enumerate(run.answers) if is_valid(answer)
    }
    if not valid:
        return Absence(AbsenceReason.INPUT_INVALID, "no example is valid code, or no program loads")
    mine, *theirs = (_passed(run) for run in programs)
    alike = sum(passed == mine for passed in theirs)
    score = (1 + alike) * len(mine)
    told = f"{alike} of {len(theirs)} alternatives pass the same {len(mine)} of {len(valid)} tests"
    return Measurement(
        value=score / (len(programs) * len(valid)),
        raw_value=float(score),
        evidence=(Evidence("execution", "alternatives", text=told),),
        provenance=(
            *sampling_provenance(result, "tests_passed", len(others)),
            *provenance,
            ("tests", str(len(valid))),
        ),
        flags=sample_flags(result, len(others)),
    )


def _passed(run: Run) -> frozenset[int]:
    """Places of the tests that a program passes; none where it could not be loaded."""
    return frozenset(
        place for place, answer in enumerate(run.answers) if answer.ended is Ended.VALUE
    )
