"""Finds, installs or builds what the test cluster and the image are made of.

Runs as a script, `make test-cluster`, before pytest; what takes long says so.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

from tests.cluster.binaries import BuildError, cache_dir, require_binaries, say
from tests.cluster.machine import faults
from tests.support.helm import require_helm, require_kubectl
from tests.support.real_parts import (
    PartMissingError,
    install_package,
    require_jars,
    require_java,
    require_postgres,
)

PROGRAMS = {
    "containerd": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "buildah": "buildah",
    "ip": "iproute2",
    "openssl": "openssl",
    "nsenter": "util-linux",
    "/usr/lib/cni/ptp": "containernetworking-plugins",
}
CANNOT = "This machine, as it is, cannot carry the test cluster:"
NOT_HERE = """\
`make test-cluster` brings up a real Kubernetes with real pods on this machine. It needs root, Linux
on x86-64 (in a container: one that is privileged), Go 1.26, and (Debian/Ubuntu, where they are
installed):
  containerd runc containernetworking-plugins iptables buildah iproute2 openssl"""


def require_parts() -> None:
    """Everything is there, or PartMissingError says what is not."""
    if os.geteuid() != 0 or sys.platform != "linux" or platform.machine() != "x86_64":
        raise PartMissingError(NOT_HERE)
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            install_package(lambda package=package: package)  # type: ignore[misc]  # bound at once
        if shutil.which(program) is None:
            raise PartMissingError(f"{package} brings no {program}\n{NOT_HERE}")
    cache = cache_dir()
    if wrong := faults(cache.parent, to_build=not cache.is_dir()):
        raise PartMissingError("\n".join((CANNOT, *wrong, NOT_HERE)))
    require_java()
    require_jars()
    require_postgres()
    require_helm(3)
    require_helm(4)
    require_kubectl()


def require_cluster() -> Path:
    """The folder with the cluster's binaries, with everything else that it needs on the machine."""
    try:
        require_parts()
        return require_binaries()
    except BuildError as error:
        raise PartMissingError(str(error)) from error


def main() -> int:
    """Makes everything ready, or says what is missing; the exit code is the answer."""
    try:
        say(f"its programs are in {require_cluster()}")
    except PartMissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
