"""Where code from results runs: away from everything, within limits, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from plimsoll.domain.absence import Absence


class Toolchain(StrEnum):
    """What a program is run by.

    `PYTHON_TYPES` runs nothing: a program is loaded where a type checker finds no error in it.
    """

    PYTHON = "python"
    PYTHON_TYPES = "python_types"
    JAVASCRIPT = "javascript"
    SQL = "sql"


class Ask(StrEnum):
    """What a request wants of a program.

    `CALL` calls the entry point: the text is the arguments, a literal tuple in Python and an array
    in JavaScript. `TEST` runs a test: the text is its source. `SCRIPT` runs the program from top
    to bottom: the text is its standard input. `QUERY` runs SQL: the text makes the tables.
    """

    CALL = "call"
    TEST = "test"
    SCRIPT = "script"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that is asked of a program."""

    ask: Ask
    text: str


@dataclass(frozen=True, slots=True)
class Program:
    """Source code and what is asked of it; each request starts from the freshly loaded program.

    `entry_point` is the function that requests call; "" where there is none.
    """

    toolchain: Toolchain
    source: str
    entry_point: str = ""
    requests: tuple[Request, ...] = ()


class Ended(StrEnum):
    """How a request to a program ended."""

    VALUE = "value"
    ERROR = "error"
    # Out of CPU time, memory or room for output: limits that do not depend on the machine's load.
    EXHAUSTED = "exhausted"
    # The same input gave different outputs.
    UNSTABLE = "unstable"
    # Not tried, because too many requests before it had been exhausted.
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program made of one request.

    `output` is a digest of the canonical output, or the error's type; equal digests are equal
    outputs.
    """

    ended: Ended
    output: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one program: how compiling and loading it ended, and its answers.

    There is an answer for each request, in their order, where the program was loaded; none where
    it was not.
    """

    compiled: Answer
    loaded: Answer
    answers: tuple[Answer, ...] = ()


class Sandbox(Protocol):
    """Runs programs, each away from all others; safe to call from several threads."""

    def version(self, toolchain: Toolchain) -> str | Absence:
        """The toolchain, as part of provenance; or `toolchain_missing`, or `sandbox_denied`."""

    def run(self, program: Program) -> Run | Absence:
        """What came of a program.

        An absence where nothing can be said: `sandbox_denied`, `toolchain_missing`,
        `input_too_large`, or `timed_out` where the machine was too slow to tell.
        """
