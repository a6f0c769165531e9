"""Starts one sandboxed process and holds it to its wall clock, its output and its memory."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from plimsoll.adapters.sandbox.usage import usage_of

_TICK_S = 0.05
_MAX_ERRORS_BYTES = 4_096
# Empty files take no room in the scratch folder, but memory of the kernel.
_MAX_FILES = 4_096
_BLOCK_BYTES = 65_536
# Nobody of the host: owns no file and has no rights.
_NOBODY = "65534"
_AS_NOBODY = ("--reuid", _NOBODY, "--regid", _NOBODY, "--clear-groups", "--")
# Of util-linux.
SETPRIV = Path("/usr/bin/setpriv")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a sandboxed process may take, seen from outside."""

    wall_s: float
    cpu_s: float
    memory_bytes: int
    output_bytes: int


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process has written, and how it ended; `stopped` names the bound that ended it."""

    output: bytes
    errors: bytes
    status: int
    stopped: str = ""


@contextmanager
def in_memory(name: str, content: bytes) -> Iterator[int]:
    """A descriptor of an anonymous file that holds these bytes."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def launch(command: Sequence[str], descriptors: Sequence[int], told: bytes, bounds: Bounds) -> Ran:
    """Runs a command without a shell, environment or other descriptors, and waits for its end.

    `told` is its standard input. Under root it is started as nobody, so that nothing in it is
    root's, not even seen from outside. OSError where it cannot be started.

    It is `SETPRIV` that makes it nobody. Where Python is to, it forks: libraries that look after
    forks, as gRPC does, go on in the copy until that becomes the command, and bring it down. With
    nobody to become, Python takes vfork, of which they do not know.
    """
    as_nobody = (str(SETPRIV), *_AS_NOBODY) if os.geteuid() == 0 else ()
    with ExitStack() as stack:
        stdin = stack.enter_context(in_memory("job", told))
        process = stack.enter_context(
            subprocess.Popen(  # noqa: S603 - a fixed program; what is untrusted goes in by descriptor
                [*as_nobody, *command],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env={},
                cwd="/",
                pass_fds=tuple(descriptors),
                start_new_session=True,
                umask=0o077,
            )
        )
        try:
            return _watched(process, bounds)
        finally:
            # Its death is the death of everything inside, by --die-with-parent.
            process.kill()


def _watched(process: subprocess.Popen[bytes], bounds: Bounds) -> Ran:
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    assert process.stderr is not None  # noqa: S101 - as above
    kept = {process.stdout: bytearray(), process.stderr: bytearray()}
    most = {process.stdout: bounds.output_bytes, process.stderr: _MAX_ERRORS_BYTES}
    stopped = ""
    end = time.monotonic() + bounds.wall_s
    with selectors.DefaultSelector() as selector:
        for pipe in kept:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map() and not stopped:
            for key, _ in selector.select(_TICK_S):
                pipe = process.stdout if key.fileobj is process.stdout else process.stderr
                block = os.read(pipe.fileno(), _BLOCK_BYTES)
                kept[pipe] += block
                if not block:
                    selector.unregister(pipe)
                elif len(kept[pipe]) > most[pipe]:
                    stopped = "output"
            stopped = stopped or _over(process.pid, bounds, end)
    if stopped:
        process.kill()
    status = _left(process, max(0.0, end - time.monotonic()))
    output, errors = (bytes(kept[p][: most[p]]) for p in (process.stdout, process.stderr))
    return Ran(output, errors, status, stopped)


def _over(pid: int, bounds: Bounds, end: float) -> str:
    """The bound that is passed, or ''; CPU time before wall clock, as load does not change it."""
    usage = usage_of(pid)
    if usage.memory_bytes > bounds.memory_bytes:
        return "memory"
    if usage.files > _MAX_FILES:
        return "files"
    if usage.cpu_s > bounds.cpu_s:
        return "cpu"
    return "time" if time.monotonic() > end else ""


def _left(process: subprocess.Popen[bytes], patience_s: float) -> int:
    """The exit status; what has closed its output and goes on is killed."""
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
