"""Child processes that never outlive the tests that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def leashed(command: Sequence[str]) -> list[str]:
    """The same command, to be killed by the kernel when the thread that starts it ends (Linux).

    This file stands in front of it and becomes it, so the process ID is the command's own.
    """
    return [sys.executable, "-S", "-E", __file__, *command]


def main() -> None:
    """Ties this process to its parent, then becomes the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
