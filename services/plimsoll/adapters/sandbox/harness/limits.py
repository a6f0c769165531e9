"""The limits that a program in the sandbox runs under, set from inside before it is loaded."""

from __future__ import annotations

import resource
import time

_OPEN_FILES = 64
# Code, libraries and stacks, which are mapped and mostly never touched.
_MAPPED_BYTES = 128 * 1024 * 1024


def limit_this_process(limits: dict[str, int], *, address_space: bool) -> None:
    """Applies all limits to this process and to every one that it will start.

    Node.js maps far more than it uses, so that for it only written memory is counted.
    """
    memory = limits["memory_bytes"]
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _set(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _set(resource.RLIMIT_NPROC, limits["processes"])
    _set(resource.RLIMIT_MEMLOCK, 0)
    _set(resource.RLIMIT_DATA, memory)
    _set(resource.RLIMIT_AS, memory + _MAPPED_BYTES if address_space else resource.RLIM_INFINITY)
    # At the soft limit the kernel asks to stop, a second later it does not ask. What the start has
    # used is not the program's.
    _set(resource.RLIMIT_CPU, limits["cpu_s"] + round(time.process_time()), 1)


def _set(kind: int, soft: int, more: int = 0) -> None:
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        soft = most if soft == resource.RLIM_INFINITY else min(soft, most)
    resource.setrlimit(kind, (soft, soft + more if soft != resource.RLIM_INFINITY else soft))
