"""Whether the types of the delivered code agree, as its language's checker sees them."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.code_loading import loaded, no_table_for
from plimsoll.metrics.code_running import Subject, UsesSandbox
from plimsoll.ports.sandbox import Ended, Program, Run, Sandbox, Toolchain

# How a checker ends that has come to no verdict.
_SAID_NOTHING = frozenset({"unreadable", "crash", "exit"})
_MISSING = Absence(AbsenceReason.TOOLCHAIN_MISSING, "there is no type checker for the language")


class CodeTypeChecks(UsesSandbox):
    """1 if a type checker finds no error in the code, else 0; the code is not run.

    Python is checked by mypy, where `sandbox.type_checker` names an interpreter that has it:
    functions without annotations too, leniently of packages that are not there. SQL is held to the
    tables that the request shows. As for compiling, a failure says more than a success.
    """

    spec = MetricSpec(
        name="code_type_checks",
        version="1",
        family=Family.CODE,
        summary="Whether a type checker finds no error in the code.",
        needs=(Need.CODE, Need.SANDBOX, Need.TYPE_CHECKER),
        source="mypy; SQLite's binding of names",
        raw_scale="1 no error, 0 an error",
    )

    def work(self, _result: LlmResult) -> int:
        """A start of the sandbox, and the checker reads the types of the standard library."""
        return self.steps(4)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; evidence is the kind of the first error."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        checked = _checked(result, subject, sandbox)
        if isinstance(checked, Absence):
            return checked
        run, version = checked
        absence = _no_verdict(run)
        if absence is not None:
            return absence
        value = float(run.loaded.ended is Ended.VALUE)
        evidence = () if value else (Evidence("type_error", "code.source", text=run.loaded.output),)
        return Measurement(
            value=value,
            raw_value=value,
            evidence=evidence,
            provenance=(*subject.provenance, ("checker", version)),
        )


def _checked(result: LlmResult, subject: Subject, sandbox: Sandbox) -> tuple[Run, str] | Absence:
    """What checking came to, and what has checked."""
    if subject.toolchain is Toolchain.SQL:
        run = no_table_for(result, subject) or loaded(result, subject, sandbox)
        return run if isinstance(run, Absence) else (run, subject.version)
    if subject.toolchain is not Toolchain.PYTHON:
        return _MISSING
    version = sandbox.version(Toolchain.PYTHON_TYPES)
    if isinstance(version, Absence):
        return version
    run = sandbox.run(Program(Toolchain.PYTHON_TYPES, subject.source))
    return run if isinstance(run, Absence) else (run, version)


def _no_verdict(run: Run) -> Absence | None:
    """Why a run says nothing of types, or None where it does."""
    if run.compiled.ended is not Ended.VALUE:
        return Absence(AbsenceReason.NOT_APPLICABLE, "the code does not compile")
    if run.loaded.ended not in (Ended.VALUE, Ended.ERROR):
        return Absence(AbsenceReason.INPUT_TOO_LARGE, "the type checker ran into its limits")
    if run.loaded.ended is Ended.ERROR and run.loaded.output in _SAID_NOTHING:
        return Absence(AbsenceReason.INPUT_INVALID, "the type checker cannot read the code")
    return None
