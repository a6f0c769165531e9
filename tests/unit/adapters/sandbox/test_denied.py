"""Where the sandbox cannot be had, nothing runs, and the reason is found once and kept."""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.adapters.sandbox.interpreters import readable_by_all
from plimsoll.adapters.sandbox.sandbox import MAX_REQUESTS, BubblewrapSandbox
from plimsoll.adapters.sandbox.seccomp import seccomp_filter
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.ports.sandbox import Ask, Ended, Program, Request, Run, Toolchain
from plimsoll.settings.sandbox import SandboxSettings

PROGRAM = Program(Toolchain.PYTHON, "x = 1")
# As bubblewrap 0.8 and 0.11 say it.
REFUSED = (
    "bwrap: No permissions to create a new namespace, likely because the kernel does not allow it.",
    "bwrap: setting up uid map: Permission denied",
    "bwrap: Creating new namespace failed: Operation not permitted",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter and write, as pytest's own are their user's alone."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o777)
        yield Path(made)


def stand_in(folder: Path, script: str) -> str:
    """A program that takes bubblewrap's place, and counts how often it was called."""
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\necho called >> {folder}/calls\n{script}\n")
    path.chmod(0o755)
    return str(path)


def absence_of(sandbox: BubblewrapSandbox) -> Absence:
    """Why a program did not run."""
    outcome = sandbox.run(PROGRAM)
    assert isinstance(outcome, Absence)
    return outcome


def test_without_bubblewrap_nothing_runs() -> None:
    """A program that is not there denies every toolchain."""
    sandbox = BubblewrapSandbox(SandboxSettings(bubblewrap="/nonexistent/bwrap"))
    assert absence_of(sandbox) == Absence(
        AbsenceReason.SANDBOX_DENIED, "bubblewrap is not installed"
    )
    assert [isinstance(sandbox.version(toolchain), Absence) for toolchain in Toolchain] == [
        True
    ] * len(Toolchain)


def test_root_without_a_way_to_become_nobody_runs_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what is missing, and does not run the code as root."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("plimsoll.adapters.sandbox.sandbox.SETPRIV", folder / "setpriv")
    bubblewrap = stand_in(folder, "echo 'version value cpython-3.11.2'")
    absence = absence_of(BubblewrapSandbox(SandboxSettings(bubblewrap=bubblewrap)))
    assert absence.reason is AbsenceReason.SANDBOX_DENIED
    assert absence.detail.startswith(f"there is no {folder}/setpriv (util-linux)")
    assert not (folder / "calls").exists()


@pytest.mark.parametrize("said", REFUSED)
def test_a_restricted_pod_is_told_of(folder: Path, said: str) -> None:
    """What bubblewrap says of namespaces becomes `sandbox_denied` with that reason."""
    bubblewrap = stand_in(folder, f"echo '{said}' >&2; exit 1")
    absence = absence_of(BubblewrapSandbox(SandboxSettings(bubblewrap=bubblewrap)))
    assert absence.reason is AbsenceReason.SANDBOX_DENIED
    assert absence.detail.startswith("new user namespaces are not allowed here: bwrap: ")


def test_a_refusal_is_found_out_once(folder: Path) -> None:
    """The second result does not try again what the first has found to be denied."""
    python = "/usr/bin/python3"
    bubblewrap = stand_in(folder, f"echo '{REFUSED[0]}' >&2; exit 1")
    sandbox = BubblewrapSandbox(SandboxSettings(bubblewrap=bubblewrap, python=python))
    assert absence_of(sandbox) == absence_of(sandbox)
    assert (folder / "calls").read_text().count("called") == 1


def test_what_was_denied_is_looked_for_again(folder: Path) -> None:
    """A sandbox that is allowed, or installed, meanwhile is found after a minute."""
    now = [0.0]
    settings = SandboxSettings(bubblewrap=str(folder / "bwrap"), python="/usr/bin/python3")
    sandbox = BubblewrapSandbox(settings, lambda: now[0])
    assert absence_of(sandbox).detail == "bubblewrap is not installed"
    stand_in(folder, "echo 'version value cpython-3.11.2'")
    now[0] = 59.0
    assert absence_of(sandbox).detail == "bubblewrap is not installed"
    now[0] = 61.0
    assert sandbox.version(Toolchain.PYTHON) == "cpython-3.11.2"


# The trials are the first two calls; the program's are those after it.
SOMETIMES = """
if [ $(wc -l < {folder}/calls) -lt {last} ] && [ $(wc -l < {folder}/calls) -gt 2 ]; then
    echo '{said}' >&2; exit 1
fi
printf 'version value cpython-3.11.2\ncompiled value \nloaded value \ndone value \n'
"""


@pytest.mark.parametrize(
    "said",
    [
        "bwrap: Out of memory",
        "bwrap: Creating new namespace failed: Resource temporarily unavailable",
        "bwrap: Creating new namespace failed: Cannot allocate memory",
    ],
)
@pytest.mark.parametrize(("last", "calls"), [(3, 3), (4, 4), (5, 5), (9, 5)])
def test_a_sandbox_that_does_not_come_about_is_no_fault_of_the_program(
    folder: Path, last: int, calls: int, said: str
) -> None:
    """It is started again, three times in all, and then there is an absence, and no verdict."""
    bubblewrap = stand_in(folder, SOMETIMES.format(folder=folder, last=last, said=said))
    sandbox = BubblewrapSandbox(SandboxSettings(bubblewrap=bubblewrap, python="/usr/bin/python3"))
    found = sandbox.run(PROGRAM)
    if last == 9:
        assert found == Absence(AbsenceReason.SANDBOX_DENIED, said)
    else:
        assert isinstance(found, Run)
        assert found.loaded.ended is Ended.VALUE
    assert (folder / "calls").read_text().count("called") == calls


def test_a_missing_interpreter_is_a_missing_toolchain() -> None:
    """A Python that is named and is not there is no reason to take another."""
    settings = SandboxSettings(bubblewrap="/bin/true", python="/nonexistent/python")
    assert absence_of(BubblewrapSandbox(settings)).reason is AbsenceReason.TOOLCHAIN_MISSING


def test_a_missing_type_checker_is_only_its_own_toolchain(folder: Path) -> None:
    """Where what is named cannot be run, types are not checked, and programs are run as before."""
    bubblewrap = stand_in(folder, "echo 'version value cpython-3.11.2'")
    for named in ("/nonexistent/python", str(folder)):
        sandbox = BubblewrapSandbox(
            SandboxSettings(bubblewrap=bubblewrap, python="/usr/bin/python3", type_checker=named)
        )
        assert sandbox.version(Toolchain.PYTHON) == "cpython-3.11.2"
        missing = sandbox.version(Toolchain.PYTHON_TYPES)
        assert isinstance(missing, Absence)
        assert missing.reason is AbsenceReason.TOOLCHAIN_MISSING
        assert missing.detail.startswith("there is no type checker: sandbox.type_checker names")


def test_where_a_link_leads_counts_for_who_may_run_it(folder: Path) -> None:
    """A link that everybody may follow is no way to a program that is one user's own."""
    own = folder / "own"
    own.mkdir(mode=0o700)
    (own / "python").write_text("#!/bin/sh\n")
    (own / "python").chmod(0o755)
    (folder / "python").symlink_to(own / "python")
    everyone = Path("/usr/bin/env")
    assert readable_by_all(everyone)
    assert readable_by_all(folder / "python") == (os.geteuid() != 0)
    assert not readable_by_all(folder / "nothing")


def test_too_much_is_refused_before_it_runs(folder: Path) -> None:
    """Sources and requests are bounded."""
    said = "echo 'version value cpython-3.11.2'"
    sandbox = BubblewrapSandbox(SandboxSettings(bubblewrap=stand_in(folder, said)))
    many = tuple(Request(Ask.CALL, "()") for _ in range(MAX_REQUESTS + 1))
    for program in (
        Program(Toolchain.PYTHON, "x" * 300_000),
        Program(Toolchain.PYTHON, "x", "f", many),
        Program(Toolchain.PYTHON, "x", "f", (Request(Ask.CALL, "x" * 1_100_000),)),
    ):
        outcome = sandbox.run(program)
        assert isinstance(outcome, Absence)
        assert outcome.reason is AbsenceReason.INPUT_TOO_LARGE


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_the_filter_stays_inside_it(machine: str) -> None:
    """The compiled filter is whole steps whose jumps end on one of its own."""
    program = seccomp_filter(machine)
    assert program is not None
    steps = list(struct.iter_unpack("<HBBI", program))
    assert all(
        place + 1 + max(yes, no) < len(steps)
        for place, (code, yes, no, _) in enumerate(steps)
        if code in (0x15, 0x35, 0x45)
    )
    assert seccomp_filter("pdp11") is None
