"""Builds Kubernetes, etcd, CoreDNS and KEDA from Go modules, once for all clones.

Runs as a script before any of the project's packages is needed, so the standard library is all it
uses. Go checks every module against go.sum; what was built is checked against its own checksums.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support.children import leashed

KUBERNETES = "1.36.1"
COREDNS = "1.14.4"
KEDA = "2.21.0"
MODULE = Path(__file__).with_name("kubernetes")
SUMS = "SHA256SUMS"
ATTEMPTS = 3
ATTEMPT_PAUSE_S = 5.0
PROGRESS_EVERY_S = 60.0
KEDA_MODULE = f"github.com/kedacore/keda/v2@v{KEDA}"
COREDNS_MODULE = f"github.com/coredns/coredns@v{COREDNS}"
# Without a version of its own the API server tells Helm none.
STAMP = " ".join(
    f"-X k8s.io/component-base/version.{name}={value}"
    for name, value in (
        ("gitVersion", f"v{KUBERNETES}"),
        ("gitMajor", KUBERNETES.split(".", maxsplit=1)[0]),
        ("gitMinor", KUBERNETES.split(".")[1]),
    )
)
NO_GO = """\
The test cluster is built from source and needs Go 1.26 or later, or 1.21 or later with the Go
module proxy in reach (https://go.dev/dl; Debian 13 and later: golang-go). Then run it again."""


class BuildError(RuntimeError):
    """A program could not be built; the message says which and what Go said."""


@dataclass(frozen=True, slots=True)
class Program:
    """One binary: its name, its Go package, and the module whose folder it is built in."""

    name: str
    package: str
    module: str | None = None
    flags: str = ""


PROGRAMS = (
    Program("pause", "./pause"),
    Program("etcd", "./etcd"),
    *(
        Program(name, f"k8s.io/kubernetes/cmd/{name}", flags=STAMP)
        for name in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kubelet",
            "kube-proxy",
        )
    ),
    Program("coredns", ".", COREDNS_MODULE),
    Program("keda-operator", "./cmd/operator", KEDA_MODULE),
    Program("keda-adapter", "./cmd/adapter", KEDA_MODULE),
)


def say(text: str) -> None:
    """Progress, for people."""
    print(f"test cluster: {text}", flush=True)


def cache_dir() -> Path:
    """Where the binaries are kept: outside the tree, for every clone."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    versions = f"kubernetes-{KUBERNETES}-coredns-{COREDNS}-keda-{KEDA}"
    return Path(root, "plimsoll", versions)


def require_binaries() -> Path:
    """The folder with the binaries, built where it is not there yet; BuildError where it cannot."""
    folder = cache_dir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{folder}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir() and not _whole(folder):
            say(f"{folder} is damaged: building it again")
            shutil.rmtree(folder)
        if not folder.is_dir():
            _build(folder)
    return folder


def _build(folder: Path) -> None:
    """Builds into a folder that gets its name only when it is whole; goes on where it was left."""
    _go_program()
    say(f"building Kubernetes {KUBERNETES}, CoreDNS {COREDNS} and KEDA {KEDA} from Go modules")
    say("this takes about 20 minutes on two cores, this once; it may be interrupted and goes on")
    partial = folder.with_name(f"{folder.name}.partial")
    partial.mkdir(exist_ok=True)
    for number, program in enumerate(PROGRAMS, start=1):
        if not (partial / program.name).is_file():
            started = time.monotonic()
            say(f"{number} of {len(PROGRAMS)}: {program.name}")
            _compile(program, partial / program.name)
            say(f"{number} of {len(PROGRAMS)}: built in {time.monotonic() - started:.0f} s")
    crds = partial / "keda-crds"
    shutil.rmtree(crds, ignore_errors=True)
    crds.mkdir()
    for definition in sorted(Path(_module_dir(KEDA_MODULE), "config/crd/bases").glob("*.yaml")):
        (crds / definition.name).write_bytes(definition.read_bytes())
    (partial / SUMS).write_text(_sums(partial), encoding="utf-8")
    partial.rename(folder)


def _compile(program: Program, target: Path) -> None:
    where = MODULE if program.module is None else _module_dir(program.module)
    # Go writes where it is told as it links: the name must not be there before the file is whole.
    unfinished = target.with_name(f"{target.name}.linking")
    flags = f"-ldflags=-s -w {program.flags}".rstrip()
    _go(
        "build",
        "-trimpath",
        "-buildvcs=false",
        flags,
        "-o",
        str(unfinished),
        program.package,
        cwd=where,
    )
    unfinished.rename(target)


def _module_dir(module: str) -> Path:
    return Path(json.loads(_go("mod", "download", "-json", module, cwd=MODULE))["Dir"])


def _go(*arguments: str, cwd: Path) -> str:
    """What Go prints; a proxy that fails once is asked again, for what is there stays there."""
    said = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            say(f"Go failed and is asked again: {said[-200:]}")
            time.sleep(ATTEMPT_PAUSE_S)
        code, printed, said = _asked([_go_program(), *arguments], cwd)
        if code == 0:
            return printed
    raise BuildError(
        f"`go {' '.join(arguments)}` failed in {cwd}; is the Go module proxy in reach?\n"
        f"{said[-3000:]}"
    )


def _asked(command: list[str], cwd: Path) -> tuple[int, str, str]:
    """Exit code, output and messages of a command that may be silent for minutes: we are not."""
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    started = time.monotonic()
    with subprocess.Popen(
        leashed(command),
        cwd=cwd,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        while True:
            try:
                printed, said = process.communicate(timeout=PROGRESS_EVERY_S)
            except subprocess.TimeoutExpired:
                say(f"  still at it after {(time.monotonic() - started) / 60:.0f} min")
            else:
                return process.returncode, printed, said


def _go_program() -> str:
    """Go's command: in PATH, or where its own instructions put it."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found is None:
        raise BuildError(NO_GO)
    return found


def _sums(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(f"{_digest(path)}  {path.relative_to(folder)}\n" for path in files)


def _whole(folder: Path) -> bool:
    sums = folder / SUMS
    return sums.is_file() and sums.read_text(encoding="utf-8") == _sums(folder)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """Builds what is not there yet; the exit code is the answer."""
    try:
        folder = require_binaries()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    say(f"Kubernetes {KUBERNETES}, CoreDNS {COREDNS}, KEDA {KEDA} ({folder})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
