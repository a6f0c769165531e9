"""The first process of the cluster's namespaces: prepares them, reaps orphans, ends them all.

The kernel kills everything in a process namespace with its first process, and takes mounts, network
devices and packet filters with the last: nothing of a cluster outlives this.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# What Kubernetes, containerd and the network plugins write outside their own folders.
COVERED = ("/run", "/var/lib/cni", "/var/lib/kubelet", "/var/log", "/var/lib/containerd")
# What the kubelet sets for the whole machine where it may: here it sets copies.
KEPT = (
    *("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"),
    *("kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes"),
)


def keep(name: str) -> None:
    """Puts a copy over a setting of the machine, within these namespaces."""
    setting, copy = Path("/proc/sys", name), Path("/run", name.replace("/", "."))
    copy.write_text(setting.read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run(["mount", "--bind", str(copy), str(setting)], check=True)


def main() -> None:
    """Prepares the namespaces, says so by creating the file that is named, and waits for ever."""
    for folder in map(Path, COVERED):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=True)
    for name in KEPT:
        keep(name)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="utf-8")
    Path(sys.argv[1]).touch()
    keeper = subprocess.Popen(["sleep", "infinity"])
    while os.wait()[0] != keeper.pid:
        pass


if __name__ == "__main__":
    main()
