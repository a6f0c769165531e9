"""What the cluster has outside its namespaces, and what one that was killed leaves for a moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.cluster import node_files as node

_GROUPS_DEADLINE_S = 300.0
# The kernel takes a network away in its own time; what is left of it then is in nobody's way.
_NETWORK_DEADLINE_S = 60.0


def await_end_of_another() -> None:
    """Returns when pods and network of a run that was killed are gone: they die with it, soon."""
    remove_groups()
    deadline = time.monotonic() + _NETWORK_DEADLINE_S
    while Path("/sys/class/net", node.HOST_DEVICE).exists() and time.monotonic() < deadline:
        time.sleep(0.1)


def make_groups() -> None:
    """Makes the control groups that pods will be in."""
    for top in _groups():
        top.mkdir(exist_ok=True)


def remove_groups() -> None:
    """Removes the control groups that pods were in; the kernel keeps those, empty as they are.

    It takes a moment to see that a process that was killed is gone.
    """
    deadline = time.monotonic() + _GROUPS_DEADLINE_S
    while left := [top for top in _groups() if top.exists()]:
        for top in left:
            for group in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
                with suppress(OSError):
                    group.rmdir()
            with suppress(OSError):
                top.rmdir()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{left} are still in use")
        time.sleep(0.1)


def _groups() -> Iterator[Path]:
    """The control group that pods are in; of cgroup v1 one in each hierarchy."""
    root = Path("/sys/fs/cgroup")
    version_2 = (root / "cgroup.controllers").exists()
    tops = [root] if version_2 else [found.parent for found in root.glob("*/cgroup.procs")]
    return (top / node.CGROUP for top in tops)
