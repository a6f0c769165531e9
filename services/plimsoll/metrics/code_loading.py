"""The delivered code by itself: compiled, loaded, and called as the request shows."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.code_inputs import shown_requests
from plimsoll.metrics.code_running import Subject
from plimsoll.metrics.given import context_texts, request_texts
from plimsoll.metrics.sql_tables import fixtures_of
from plimsoll.ports.sandbox import Request, Run, Sandbox, Toolchain


def loaded(result: LlmResult, subject: Subject, sandbox: Sandbox) -> Run | Absence:
    """How compiling and loading ended, and the calls that the request shows; once a result."""
    kept = _newest.kept
    if kept is not None and kept[0] is result and kept[1] is sandbox:
        return kept[2]
    made = sandbox.run(subject.program(_requests(result, subject)))
    _newest.kept = (result, sandbox, made)
    return made


def tables_told(result: LlmResult, subject: Subject) -> list[str]:
    """Where tables may be described: the tests' sources first, then what the model was given."""
    tests = [test.source for test in subject.code.tests]
    return [*tests, *request_texts(result), *context_texts(result)]


def no_table_for(result: LlmResult, subject: Subject) -> Absence | None:
    """The absence of a query whose tables nobody has shown: that it finds none says nothing."""
    if subject.toolchain is not Toolchain.SQL or _requests(result, subject):
        return None
    return Absence(AbsenceReason.INPUT_MISSING, "no table is shown to run the query on")


def _requests(result: LlmResult, subject: Subject) -> tuple[Request, ...]:
    if subject.toolchain is Toolchain.SQL:
        return fixtures_of(tables_told(result, subject), [subject.source])
    return shown_requests(subject, request_texts(result))


class _Newest:
    """What was made of the newest result; swapped in one assignment, so safe between threads."""

    kept: tuple[LlmResult, Sandbox, Run | Absence] | None = None


_newest = _Newest()
