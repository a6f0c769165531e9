"""Reads what the sandbox's inside has written; it may be anything, so it is taken as words only."""

from __future__ import annotations

import re

from plimsoll.adapters.sandbox.launch import Ran
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.ports.sandbox import Answer, Ended, Run

_LINE = re.compile(
    r"(version|compiled|loaded|answer|done) (value|error|exhausted|unstable|untried) ([\w.-]{0,80})"
)
# 128 and the signal's number: SIGKILL and SIGXCPU, by which limits end a program.
_LIMIT_STATUSES = (137, 152)

# What bubblewrap says where the kernel does not let it make namespaces, however often it tries.
_FORBIDDEN = ("namespace", "uid map", "Operation not permitted")
# The same words end so where the kernel is short of processes or memory, which passes.
_SHORT = ("Resource temporarily unavailable", "Cannot allocate memory")

_Line = tuple[str, Answer]


def has_started(ran: Ran) -> bool:
    """Whether the inside program came to its first line, which it writes before all else."""
    return bool(lines_of(ran))


def why_not_started(ran: Ran) -> Absence:
    """Why a sandbox did not start: no word of any result has come into it yet."""
    if ran.stopped:
        detail = f"its start ran out of {ran.stopped}"
    else:
        said = ran.errors.decode("ascii", "replace").strip().partition("\n")[0][:160]
        hint = "new user namespaces are not allowed here: " if is_forbidden(ran) else ""
        detail = f"{hint}{said or f'status {ran.status}'}"
    return Absence(AbsenceReason.SANDBOX_DENIED, detail)


def is_forbidden(ran: Ran) -> bool:
    """Whether a sandbox did not start because it may not."""
    said = ran.errors.decode("ascii", "replace")
    return any(w in said for w in _FORBIDDEN) and not any(w in said for w in _SHORT)


def lines_of(ran: Ran) -> list[_Line]:
    """The whole lines that have the right form, each a word and an ending."""
    found = []
    for text in ran.output.decode("ascii", "replace").split("\n")[:-1]:
        match = _LINE.fullmatch(text)
        if match is None:
            break
        found.append((match[1], Answer(Ended(match[2]), match[3])))
    return found


def run_of(ran: Ran, requests: int) -> Run | Absence:
    """What came of a program that has been asked so many requests."""
    if ran.stopped == "time":
        return Absence(
            AbsenceReason.TIMED_OUT, "the program's wall clock ran out before it could be told"
        )
    if not has_started(ran):
        return why_not_started(ran)
    said = [line for line in lines_of(ran) if line[0] not in ("version", "done")]
    missing = _how_it_ended(ran)
    compiled = said[0][1] if said else missing
    if compiled.ended is not Ended.VALUE:
        return Run(compiled, compiled)
    loaded = said[1][1] if len(said) > 1 else missing
    if loaded.ended is not Ended.VALUE:
        return Run(compiled, loaded)
    answers = [answer for _, answer in said[2 : 2 + requests]]
    if len(answers) < requests:
        # It has taken down the process that was to ask it, or has had its time.
        answers.append(missing)
    rest = missing if missing.ended is Ended.ERROR else Answer(Ended.UNTRIED)
    answers += [rest] * (requests - len(answers))
    return Run(compiled, loaded, tuple(answers))


def _how_it_ended(ran: Ran) -> Answer:
    limited = ran.stopped != "" or ran.status in _LIMIT_STATUSES
    return Answer(Ended.EXHAUSTED, "limit") if limited else Answer(Ended.ERROR, "exit")
