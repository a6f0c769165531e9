"""What comes out of a sandbox is taken as words, however odd it is."""

from __future__ import annotations

import pytest

from plimsoll.adapters.sandbox.answers import run_of
from plimsoll.adapters.sandbox.launch import Ran
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.ports.sandbox import Answer, Ended, Run

BEGUN = b"version value cpython-3.11.2\ncompiled value \nloaded value \n"


def run(output: bytes, status: int = 0, stopped: str = "", requests: int = 2) -> Run:
    """What is made of an output."""
    found = run_of(Ran(output, b"", status, stopped), requests)
    assert isinstance(found, Run)
    return found


def test_answers_stand_in_their_order() -> None:
    """One answer a request; lines after the last are not looked at."""
    lines = b"answer value aa\nanswer error TypeError\nanswer value cc\ndone value \n"
    assert run(BEGUN + lines).answers == (
        Answer(Ended.VALUE, "aa"),
        Answer(Ended.ERROR, "TypeError"),
    )


@pytest.mark.parametrize(
    ("status", "stopped", "ended"),
    [(0, "", Ended.ERROR), (152, "", Ended.EXHAUSTED), (137, "memory", Ended.EXHAUSTED)],
)
def test_what_was_not_answered_ended_with_the_program(
    status: int, stopped: str, ended: Ended
) -> None:
    """A program that takes its asker down with it has its status as the answer to all the rest."""
    answers = run(BEGUN + b"answer value aa\n", status, stopped, requests=3).answers
    last = ended if ended is Ended.ERROR else Ended.UNTRIED
    assert [answer.ended for answer in answers] == [Ended.VALUE, ended, last]


@pytest.mark.parametrize(
    "line", [b"answer value \xff\n", b"answer value a b\n", b"answer fine aa\n", b"x" * 500, b"\n"]
)
def test_what_is_no_line_ends_the_reading(line: bytes) -> None:
    """After a line that the inside program does not write, nothing more is believed."""
    answers = run(BEGUN + line + b"answer value aa\nanswer value bb\n").answers
    assert [answer.ended for answer in answers] == [Ended.ERROR, Ended.ERROR]


def test_a_program_that_was_not_loaded_has_no_answers() -> None:
    """Compiling and loading are told apart, and neither is taken for an answer."""
    broken = run(b"version value x\ncompiled error SyntaxError\n")
    assert (broken.compiled.output, broken.answers) == ("SyntaxError", ())
    ended = run(b"version value x\ncompiled value \n", 152)
    assert (ended.compiled.ended, ended.loaded.ended) == (Ended.VALUE, Ended.EXHAUSTED)


def test_the_wall_clock_is_no_ending() -> None:
    """What the machine was too slow for is an absence, even where some answers are there."""
    absence = run_of(Ran(BEGUN + b"answer value aa\n", b"", 137, "time"), 2)
    assert isinstance(absence, Absence)
    assert absence.reason == "timed_out"


@pytest.mark.parametrize(
    ("output", "status", "stopped", "detail"),
    [
        (b"", 1, "", "bwrap: Out of memory"),
        (b"", 152, "", "bwrap: Out of memory"),
        (b"version val", 137, "memory", "its start ran out of memory"),
    ],
)
def test_a_sandbox_that_never_started_says_nothing_of_the_program(
    output: bytes, status: int, stopped: str, detail: str
) -> None:
    """Whatever ended it before the inside program's first line, the program had not begun."""
    ran = Ran(output, b"bwrap: Out of memory\nmore", status, stopped)
    assert run_of(ran, 2) == Absence(AbsenceReason.SANDBOX_DENIED, detail)
