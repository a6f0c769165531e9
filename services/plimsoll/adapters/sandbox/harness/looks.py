"""Looks at a child that says nothing, and when they add up to one that waits for nothing."""

from __future__ import annotations

import os
import time

LOOK_MS = 250
# Five seconds without the processor. Looks are counted, not time: a machine that stands still is
# not idle; and this long no disk, however busy, keeps a program that wants to go on.
IDLE_LOOKS = 20
_STILL_S = 0.001


class Looks:
    """Counts looks in a row that found a child as still as before; one that is stopped is not.

    Whoever stops it (a debugger, a machine that is being moved) means it to go on later; a program
    that stops itself for good runs into its wall clock.
    """

    def __init__(self, child: int) -> None:
        self._child = child
        self._used_s = -1.0
        self._count = 0

    def again(self) -> int:
        """Looks; how many in a row there are by now."""
        if _is_stopped(self._child):
            return self._count
        used_s = cpu_s(self._child)
        if used_s - self._used_s > _STILL_S:
            self._used_s, self._count = used_s, 0
        else:
            self._count += 1
        return self._count

    def forget(self) -> None:
        """It has said something."""
        self._count = 0


def cpu_s(pid: int) -> float:
    """CPU time of another process: its number and the kind of clock make the clock's number."""
    return time.clock_gettime(~pid << 3 | 2)


def _is_stopped(child: int) -> bool:
    try:
        stopped = os.waitid(os.P_PID, child, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        # It has ended, and nobody has asked how.
        return False
    return stopped is not None
