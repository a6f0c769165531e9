"""Prometheus' promtool as tests use it: the machine's, or the one of Debian's package, unpacked.

`python -m tests.support.promtool` gets it and prints where it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.real_parts import APT_PATIENCE, PartMissingError, fetched, say, told
from tests.support.wheels import cached

INSTRUCTIONS = """\
The chart's alerts are tested by promtool, which is part of Prometheus: put it on the PATH
(Debian/Ubuntu: package prometheus; elsewhere https://prometheus.io/download), then run it again."""


def require_promtool() -> Path:
    """The program; on Debian and Ubuntu the package is fetched and not installed."""
    found = shutil.which("promtool")
    return Path(found) if found else cached("promtool", _unpack) / "usr" / "bin" / "promtool"


def _unpack(folder: Path) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise PartMissingError(INSTRUCTIONS)
    say("fetching promtool (Debian's package prometheus, about 20 MB)")
    apt = ("apt-get", *APT_PATIENCE)
    download = (*apt, "download", "-q", "prometheus")
    # The lists may never have been fetched, and only root can.
    if subprocess.run(download, cwd=folder, capture_output=True, check=False).returncode:
        fetched(*apt, "update", "-qq")
        _must(fetched(*download, cwd=folder))
    (package,) = folder.glob("prometheus_*.deb")
    _must(fetched("dpkg-deb", "-x", str(package), str(folder)))
    package.unlink()


def _must(answer: subprocess.CompletedProcess[str]) -> None:
    if answer.returncode:
        raise PartMissingError(f"{answer.stderr[-2000:]}\n{INSTRUCTIONS}")


if __name__ == "__main__":
    sys.exit(told(require_promtool))
