"""Runs one request in a process of its own, and says how that ended."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable

from plimsoll.adapters.sandbox.harness.looks import IDLE_LOOKS, LOOK_MS, Looks

_MAX_ANSWER_BYTES = 1_024
_OUT_OF_LIMITS = (signal.SIGXCPU, signal.SIGKILL, signal.SIGXFSZ)


def in_a_fork(work: Callable[[], tuple[str, str]], close: int) -> tuple[str, str]:
    """What `work` gives in a child that has everything this process has, except descriptor `close`.

    What the child leaves behind in its process group is killed with it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_child(work, writing, (reading, close))
    os.close(writing)
    try:
        idle = _wait(child)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        _end_group(child)
        os.set_blocking(reading, False)
        try:
            said = os.read(reading, _MAX_ANSWER_BYTES)
        except BlockingIOError:
            said = b""
    finally:
        os.close(reading)
    return _ending(said, status, idle=idle)


def _be_child(work: Callable[[], tuple[str, str]], writing: int, close: tuple[int, ...]) -> None:
    try:
        os.setpgid(0, 0)
        for descriptor in close:
            os.close(descriptor)
        # Files of one request are not in the next one's way.
        os.mkdir(str(os.getpid()))  # noqa: PTH102 - pathlib takes longer to import than most programs to run
        os.chdir(str(os.getpid()))
        os.write(writing, "\n".join(work()).encode("ascii", "replace")[:_MAX_ANSWER_BYTES])
    finally:
        os._exit(0)


def _wait(child: int) -> bool:
    """Waits until the child has ended; gives whether it had to be ended because it was idle."""
    descriptor = os.pidfd_open(child)
    looks = Looks(child)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while not poll.poll(LOOK_MS):
            if looks.again() >= IDLE_LOOKS:
                os.kill(child, signal.SIGKILL)
                return True
    finally:
        os.close(descriptor)
    return False


def _end_group(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _ending(said: bytes, status: int, *, idle: bool) -> tuple[str, str]:
    if idle or (status < 0 and -status in _OUT_OF_LIMITS):
        return "exhausted", "idle" if idle else "limit"
    if status < 0:
        return "error", "crash"
    ended, _, output = said.decode("ascii", "replace").partition("\n")
    return (ended, output) if ended else ("error", "exit")
