"""The delivered code as something to run, and what every metric that runs code shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import Code, LlmResult, Pairs
from plimsoll.metrics.code_text import delivered_source, entry_point_of, toolchain_of
from plimsoll.ports.sandbox import Program, Request, Sandbox, Toolchain
from plimsoll.ports.tools import Tools

# Distinct alternatives that are run; each takes a start of the sandbox.
MAX_PROGRAMS = 20
MAX_SOURCE_CHARS = 65_536
# A start of the sandbox and its forks, in elementary steps.
_STEPS_PER_PROGRAM = 3_000_000
NOT_CONFIGURED = Absence(AbsenceReason.NOT_CONFIGURED, "sandbox.enabled is off, so no code is run")


@dataclass(frozen=True, slots=True)
class Subject:
    """The delivered code, ready to be run."""

    code: Code
    toolchain: Toolchain
    source: str
    entry_point: str
    version: str

    def program(self, requests: Sequence[Request] = (), source: str | None = None) -> Program:
        """The delivered program, or another in its place, with requests."""
        chosen = self.source if source is None else source
        return Program(self.toolchain, chosen, self.entry_point, tuple(requests))

    @property
    def provenance(self) -> Pairs:
        """What any number from running it rests on."""
        return (("toolchain", self.version),)


class UsesSandbox:
    """A metric that runs code; without a sandbox it answers `not_configured`."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._sandbox = sandbox

    @classmethod
    def with_tools(cls, tools: Tools) -> Self:
        """The metric with the sandbox that is configured."""
        return cls(tools.sandbox)

    def steps(self, programs: int) -> int:
        """Elementary steps of running so many programs."""
        return 10 if self._sandbox is None else _STEPS_PER_PROGRAM * min(programs, MAX_PROGRAMS)

    def subject(self, result: LlmResult) -> tuple[Sandbox, Subject] | Absence:
        """The delivered code with the sandbox, or why it cannot be run."""
        if self._sandbox is None:
            return NOT_CONFIGURED
        assert result.code is not None  # noqa: S101 - `needs` has been checked
        found = subject_of(result.code, self._sandbox)
        return found if isinstance(found, Absence) else (self._sandbox, found)


def subject_of(code: Code, sandbox: Sandbox) -> Subject | Absence:
    """The delivered code as something to run, or why nothing can run it."""
    toolchain = toolchain_of(code)
    if toolchain is None:
        named = f"{code.language[:32]!r}" if code.language.isalnum() else "that is not named"
        return Absence(AbsenceReason.TOOLCHAIN_MISSING, f"no toolchain for the language {named}")
    if len(code.source) > MAX_SOURCE_CHARS:
        detail = f"{len(code.source)} characters of code, {MAX_SOURCE_CHARS} allowed"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    version = sandbox.version(toolchain)
    if isinstance(version, Absence):
        return version
    source = delivered_source(code, toolchain)
    return Subject(code, toolchain, source, entry_point_of(code, toolchain), version)
