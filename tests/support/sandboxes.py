"""The real sandbox for tests, and what it must leave as it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from plimsoll.adapters.sandbox.sandbox import BubblewrapSandbox
from plimsoll.domain.absence import Absence
from plimsoll.ports.sandbox import Answer, Ask, Ended, Program, Request, Run, Toolchain
from plimsoll.settings.sandbox import SandboxSettings
from tests.support.real_parts import PartMissingError, require_sandbox

_ROOM_BYTES = 64 * 1024**2
_REMEDY = (
    "the tests run code in a real sandbox, which this machine refuses ({}); allow user namespaces "
    "(in a container: --security-opt seccomp=unconfined --security-opt apparmor=unconfined)"
)


def real_sandbox(**settings: object) -> BubblewrapSandbox:
    """A sandbox that works; a machine without its parts fails the test, with instructions."""
    try:
        require_sandbox()
    except PartMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    # Longer than a busy machine takes; what never ends is ended by its CPU time.
    patient = {"wall_s": 120.0, **settings}
    sandbox = BubblewrapSandbox(SandboxSettings.model_validate(patient))
    version = sandbox.version(Toolchain.PYTHON)
    if isinstance(version, Absence):
        pytest.fail(_REMEDY.format(version.detail), pytrace=False)
    return sandbox


def python(source: str, *arguments: str, ask: Ask = Ask.CALL) -> Program:
    """A Python program whose function is called f, with a request for each of the arguments."""
    requests = tuple(Request(ask, text) for text in arguments)
    return Program(Toolchain.PYTHON, source, "f", requests)


def ran(sandbox: BubblewrapSandbox, program: Program) -> Run:
    """What came of a program that the sandbox can tell of."""
    run = sandbox.run(program)
    assert isinstance(run, Run), run
    return run


def endings(sandbox: BubblewrapSandbox, program: Program) -> list[Ended]:
    """How each request ended."""
    return [answer.ended for answer in ran(sandbox, program).answers]


def value(sandbox: BubblewrapSandbox, program: Program) -> Answer:
    """The only answer of a program, which must be a value."""
    [answer] = ran(sandbox, program).answers
    assert answer.ended is Ended.VALUE, answer
    return answer


@contextmanager
def host_as_it_was(*folders: Path) -> Iterator[None]:
    """Fails where processes, descriptors, files or memory are not what they were before."""
    this = psutil.Process()
    before, children, descriptors = _state(folders), set(this.children()), this.num_fds()
    memory = this.memory_info().rss
    yield
    assert _state(folders) == before
    # What an earlier test had in hand may go meanwhile. What other children start is their own
    # business: a server that other tests talk to forks when it likes.
    assert set(this.children()) <= children
    assert this.num_fds() <= descriptors
    assert this.memory_info().rss - memory < _ROOM_BYTES


def _state(folders: tuple[Path, ...]) -> tuple[object, ...]:
    return (
        [sorted(str(path) for path in folder.rglob("*")) for folder in folders],
        Path.cwd(),
        dict(os.environ),
    )
