"""A sandbox that runs nothing: what a program does follows from its text, or from a table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from plimsoll.domain.absence import Absence
from plimsoll.ports.sandbox import Answer, Ended, Program, Run, Toolchain

FINE = Answer(Ended.VALUE)
Does = Sequence[Answer] | Run | Absence


class HashSandbox:
    """Programs without the word `broken` compile, and give what a digest of their text says."""

    def version(self, toolchain: Toolchain) -> str | Absence:
        """The toolchain's own name."""
        return f"{toolchain.value}-fake"

    def run(self, program: Program) -> Run | Absence:
        """One of three values, or an error, a request."""
        if "broken" in program.source:
            broken = Answer(Ended.ERROR, "SyntaxError")
            return Run(broken, broken)
        return Run(FINE, FINE, tuple(_answer(program, r.text) for r in program.requests))


def _answer(program: Program, text: str) -> Answer:
    said = f"{program.source}|{text}".encode("utf-8", "surrogatepass")
    number = hashlib.sha256(said).digest()[0] % 4
    return Answer(Ended.VALUE, f"v{number}") if number else Answer(Ended.ERROR, "ValueError")


class TableSandbox:
    """Programs do what a table says of their source: an ending a request, over and over."""

    def __init__(self, table: Mapping[str, Does]) -> None:
        self._table = table
        self.ran: list[Program] = []

    def version(self, toolchain: Toolchain) -> str | Absence:
        """The toolchain's own name."""
        return f"{toolchain.value}-table"

    def run(self, program: Program) -> Run | Absence:
        """What the table says."""
        self.ran.append(program)
        found = self._table[program.source]
        if isinstance(found, Run | Absence):
            return found
        return Run(FINE, FINE, tuple(found[i % len(found)] for i in range(len(program.requests))))


def values(*outputs: str) -> list[Answer]:
    """Answers that are values."""
    return [Answer(Ended.VALUE, output) for output in outputs]
