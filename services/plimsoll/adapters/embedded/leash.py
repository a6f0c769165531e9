"""A command on a leash: it ends with the process that started it, however that one ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

_PR_SET_PDEATHSIG = 1
_LOOK_S = 0.25


def leashed(command: Sequence[str]) -> list[str]:
    """The same command with this file in front of it; start it from a process's main thread."""
    return [sys.executable, "-S", "-E", __file__, str(os.getpid()), *command]


def main(parent: int, command: list[str]) -> int:
    """Becomes the command where the kernel holds the leash (Linux); else holds it itself."""
    if platform() == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # The parent may have ended before the leash was on.
        if os.getppid() != parent:
            return 1
        os.execvp(command[0], command)  # noqa: S606 - the caller's own command, without a shell
    return _hold(parent, command)


def platform() -> str:
    """sys.platform, asked in a way that no type checker decides for one system."""
    return sys.platform


def _hold(parent: int, command: Sequence[str]) -> int:
    with subprocess.Popen(command, close_fds=False) as child:  # noqa: S603 - as above

        def pass_on(number: int, _frame: FrameType | None) -> None:
            child.send_signal(number)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, pass_on)
        while child.poll() is None:
            if os.getppid() != parent:
                child.kill()
            time.sleep(_LOOK_S)
        return child.returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
