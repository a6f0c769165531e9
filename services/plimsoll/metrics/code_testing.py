"""Runs tests on delivered code and makes a share with its interval of how they ended."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import CodeTest
from plimsoll.domain.score import Evidence
from plimsoll.metrics.beta import jeffreys_interval
from plimsoll.metrics.code_running import Subject
from plimsoll.ports.sandbox import Answer, Ask, Ended, Request, Sandbox, Toolchain

MAX_TESTS = 60
_MAX_TOLD = 10
_INVALID = "InvalidTest"


def no_tests_of(subject: Subject) -> Absence | None:
    """The absence of a language whose tests are not run here."""
    if subject.toolchain is Toolchain.SQL:
        return Absence(AbsenceReason.NOT_APPLICABLE, "queries are compared, not tested")
    return None


def measured(
    subject: Subject, sandbox: Sandbox, tests: Sequence[CodeTest]
) -> Measurement | Absence:
    """Passed over valid tests; all failed where the code cannot be loaded."""
    if len(tests) > MAX_TESTS:
        return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{len(tests)} tests, {MAX_TESTS} allowed")
    requests = [Request(Ask.TEST, test.source) for test in tests]
    run = sandbox.run(subject.program(requests))
    if isinstance(run, Absence):
        return run
    # Without the program no test was run, and none can have passed.
    answers = run.answers or (run.loaded,) * len(tests)
    valid = [
        (test, answer) for test, answer in zip(tests, answers, strict=True) if is_valid(answer)
    ]
    if not valid:
        return Absence(AbsenceReason.INPUT_INVALID, "no test is valid code")
    failed = [(test, answer) for test, answer in valid if answer.ended is not Ended.VALUE]
    passed = len(valid) - len(failed)
    share = passed / len(valid)
    return Measurement(
        value=share,
        raw_value=share,
        interval=jeffreys_interval(passed, len(failed)),
        evidence=tuple(_told(test, answer) for test, answer in failed[:_MAX_TOLD]),
        provenance=(*subject.provenance, ("tests", str(len(valid)))),
        flags=_flags(len(tests) - len(valid), [answer for _, answer in valid]),
    )


def is_valid(answer: Answer) -> bool:
    """Whether a test with that answer is code at all, whatever the program makes of it."""
    return answer != Answer(Ended.ERROR, _INVALID)


def _told(test: CodeTest, answer: Answer) -> Evidence:
    how = answer.output if answer.ended is Ended.ERROR else answer.ended.value
    return Evidence("failed_test", test.name[:200], text=how)


def _flags(invalid: int, answers: Sequence[Answer]) -> tuple[str, ...]:
    limited = any(answer.ended is Ended.EXHAUSTED for answer in answers)
    return (("invalid_tests",) if invalid else ()) + (("limits_reached",) if limited else ())
