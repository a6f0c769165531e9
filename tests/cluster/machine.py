"""Whether this machine, or the container that this is, can carry the test cluster; told early.

Each thing that the cluster rests on is tried once, in namespaces that end with the trial.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from tests.cluster import node_files as node

OWN = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
NETWORKS = tuple(
    IPv4Network(network, strict=False)
    for network in (node.PODS, node.SERVICES, f"{node.NODE_ADDRESS}/30")
)
CONTROLLERS = ("cpu", "cpuset", "memory", "pids")
GIGABYTE = 10**9
# The node with its images and broker, and what Go keeps while it builds.
RUN_BYTES, BUILD_BYTES = 6 * GIGABYTE, 16 * GIGABYTE
MEMORY_BYTES = 4 * GIGABYTE
RULES = (
    "-A OUTPUT -p tcp -m comment --comment trial -j DNAT --to-destination 10.0.0.1:1",
    "-A OUTPUT -m addrtype --dst-type LOCAL -j RETURN",
    "-A OUTPUT -m statistic --mode random --probability 0.5 -m conntrack --ctstate NEW -j RETURN",
    "-A POSTROUTING -m mark ! --mark 0x4000/0x4000 -j MARK --or-mark 0x4000",
    "-A POSTROUTING -j MASQUERADE --random-fully",
)
NO_NAMESPACES = "it cannot make namespaces of its own (a container needs to be privileged)"
TRIALS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "it may not mount (a container needs to be privileged)": (
        ("mount", "-t", "tmpfs", "tmpfs", "/run"),
    ),
    "it may not set the network of its own namespaces (is /proc/sys read-only?)": (
        ("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"),
    ),
    "it cannot make pairs of network devices (kernel module veth)": (
        ("ip", "link", "add", "trial0", "type", "veth", "peer", "name", "trial1"),
    ),
    "it lacks packet filters that Services need (kernel modules of iptables and nat)": tuple(
        ("iptables", "-w", "-t", "nat", *rule.split()) for rule in RULES
    ),
}


def faults(cache: Path, *, to_build: bool) -> list[str]:
    """What is wrong with the machine, a sentence each; `to_build` where binaries are missing."""
    if (said := _failure(*OWN, "true")) is not None:
        return [f"{NO_NAMESPACES}: {said}"]
    return [
        *_failed_trials(),
        *_stacking_faults((cache, Path(tempfile.gettempdir()))),
        *_group_faults(Path("/sys/fs/cgroup")),
        *_kernel_log_faults(Path("/dev/kmsg")),
        *address_faults(_said("ip", "-json", "address"), _said("ip", "-json", "route")),
        *_space_faults(cache, BUILD_BYTES if to_build else RUN_BYTES),
        *_memory_faults(Path("/proc/meminfo").read_text(encoding="utf-8")),
    ]


def address_faults(devices: Iterable[Any], routes: Iterable[Any]) -> Iterator[str]:
    """Networks of the cluster that the machine uses already, by what `ip` lists."""
    used = {
        f"{address['local']}/{address['prefixlen']}": device["ifname"]
        for device in devices
        for address in device.get("addr_info", ())
        if address["family"] == "inet"
    }
    used |= {route["dst"]: route.get("dev", "?") for route in routes if route["dst"] != "default"}
    for text, device in sorted(used.items()):
        # Of a wider network ours may be a part: the narrower one counts.
        found = IPv4Network(text, strict=False)
        taken = [str(own) for own in NETWORKS if found.subnet_of(own)]
        if taken and device != node.HOST_DEVICE:
            yield f"{', '.join(taken)} is the cluster's, and {text} of it in use ({device})"


def _failed_trials() -> Iterator[str]:
    for fault, commands in TRIALS.items():
        for command in commands:
            said = _failure(*OWN, *command)
            if said is not None:
                yield f"{fault}: {said}"
                break


def _stacking_faults(folders: Iterable[Path]) -> Iterator[str]:
    """Images are file systems in layers: not every file system can be stacked (overlayfs)."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            parts = {name: Path(scratch, name) for name in ("lower", "upper", "work", "merged")}
            for part in parts.values():
                part.mkdir()
            layers = ",".join(f"{name}dir={parts[name]}" for name in ("lower", "upper", "work"))
            mount = ("mount", "-t", "overlay", "overlay", "-o", layers, str(parts["merged"]))
            said = _failure(*OWN, *mount)
        if said is not None:
            yield (
                f"{folder} cannot carry layers of images (it is an overlay itself?); XDG_CACHE_HOME"
                f" and TMPDIR name others, on a file system such as ext4: {said}"
            )


def _group_faults(root: Path) -> Iterator[str]:
    """Control groups: the kubelet puts pods into some of its own."""
    version_2 = (root / "cgroup.controllers").exists()
    tops = [root] if version_2 else [root / name for name in CONTROLLERS]
    for top in tops:
        trial = top / f"{node.CGROUP}-trial"
        try:
            trial.mkdir(exist_ok=True)
            trial.rmdir()
            if version_2:
                _delegate(root)
        except OSError as error:
            yield f"control groups cannot be made or given controllers in {top}: {error}"


def _delegate(root: Path) -> None:
    """What the kubelet does, too: lets groups below have controllers."""
    given = (root / "cgroup.subtree_control").read_text(encoding="utf-8").split()
    for name in CONTROLLERS:
        if name not in given:
            (root / "cgroup.subtree_control").write_text(f"+{name}", encoding="utf-8")


def _kernel_log_faults(log: Path) -> Iterator[str]:
    try:
        with log.open("rb"):
            pass
    except OSError as error:
        yield f"the kubelet does not start without the kernel's log: {error}"


def _space_faults(cache: Path, needed: int) -> Iterator[str]:
    free = shutil.disk_usage(cache).free
    if free < needed:
        yield f"{cache} has {free / GIGABYTE:.1f} GB free of the {needed / GIGABYTE:.0f} needed"


def _memory_faults(meminfo: str) -> Iterator[str]:
    lines = (line.split() for line in meminfo.splitlines())
    available = next(int(line[1]) * 1024 for line in lines if line[0] == "MemAvailable:")
    if available < MEMORY_BYTES:
        needed = MEMORY_BYTES / GIGABYTE
        yield f"{available / GIGABYTE:.1f} GB of memory are free of the {needed:.0f} needed"


def _failure(*command: str) -> str | None:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if answer.returncode == 0 else (answer.stderr or answer.stdout).strip()


def _said(*command: str) -> Any:
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
