"""CPU time of this process and of all that it has started, what was left behind too."""

from __future__ import annotations

import ctypes
import os
import resource

# Of prctl(2): who takes in processes whose parents have ended.
_SET_SUBREAPER, _GET_SUBREAPER = 36, 37


def adopt_orphans() -> None:
    """Has this process take in what its children leave behind, so that it can be counted.

    bubblewrap ends without waiting for what it has kept in, which would go to nobody's account.
    """
    ctypes.CDLL(None).prctl(_SET_SUBREAPER, 1, 0, 0, 0)


def cpu_seconds() -> float:
    """CPU of this process and of children that have ended, with orphans where it adopts them."""
    if _adopts():
        _reap()
    mine, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


def _adopts() -> bool:
    answer = ctypes.c_int(0)
    ctypes.CDLL(None).prctl(_GET_SUBREAPER, ctypes.byref(answer), 0, 0, 0)
    return bool(answer.value)


def _reap() -> None:
    """Waits for all children that have ended; none that anybody waits for is running meanwhile."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return
