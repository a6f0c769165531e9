"""What a process and all that it has started take, as the kernel tells it to those outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_OWN_MEMORY = ("RssAnon:", "RssShmem:")
# Fields of /proc/PID/stat after the name: utime, stime, and the same of children that were reaped.
_TIMES = slice(11, 15)
_LARGEST_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory that is no file's, CPU time with that of ended children, and files in the scratch."""

    memory_bytes: int
    cpu_s: float
    files: int


def usage_of(pid: int) -> Usage:
    """The sum over a process and its descendants; what ends while it is looked at counts not."""
    memory_bytes, ticks, files = 0, 0, 0
    for folder in _tree(pid):
        try:
            status = (folder / "status").read_text(encoding="ascii", errors="replace")
            stat = (folder / "stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        memory_bytes += sum(
            int(line.split()[1]) * 1_024
            for line in status.splitlines()
            if line.startswith(_OWN_MEMORY)
        )
        # The name stands in brackets and may hold any character but the last bracket.
        ticks += sum(map(int, stat.rpartition(")")[2].split()[_TIMES]))
        files = max(files, _files(folder / "root" / "scratch"))
    return Usage(memory_bytes, ticks / os.sysconf("SC_CLK_TCK"), files)


def _files(scratch: Path) -> int:
    """Files in a process's scratch folder; 0 where it has none, or not everyone may look."""
    try:
        found = os.statvfs(scratch)
    except OSError:
        return 0
    # Of a process that is still outside, the name leads to nothing or to another file system.
    return found.f_files - found.f_ffree if found.f_bsize * found.f_blocks < _LARGEST_BYTES else 0


def _tree(pid: int) -> Iterator[Path]:
    waiting = [pid]
    while waiting:
        folder = Path("/proc") / str(waiting.pop())
        yield folder
        try:
            for thread in (folder / "task").iterdir():
                waiting += map(int, (thread / "children").read_text(encoding="ascii").split())
        except OSError:
            continue
