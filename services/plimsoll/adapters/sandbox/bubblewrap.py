"""The command line of bubblewrap: new namespaces, a read-only root, nothing but what runs code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from plimsoll.ports.sandbox import Toolchain

_HARNESS = "plimsoll/adapters/sandbox/harness"
_INSIDE = "/inside"
_SCRATCH = "/scratch"
_START = "from plimsoll.adapters.sandbox.harness.entry import main\nmain()\n"
# Where programs and libraries are, if not under /usr; on most systems these are links into it.
_SYSTEM = ("/lib", "/lib64", "/lib32", "/bin", "/sbin")
_FILES = ("/etc/ld.so.cache",)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_NOBODY = "65534"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A program of the host, and the folders outside /usr that it needs."""

    path: Path
    folders: tuple[Path, ...] = ()
    packages: bool = False


def harness_files() -> tuple[tuple[str, bytes], ...]:
    """The inside program, by the paths that it is put at."""
    folder = files("plimsoll.adapters.sandbox").joinpath("harness")
    found = [
        (f"{_INSIDE}/{_HARNESS}/{entry.name}", entry.read_bytes())
        for entry in folder.iterdir()
        if entry.name.endswith((".py", ".js")) and entry.name != "__init__.py"
    ]
    return (*sorted(found), (f"{_INSIDE}/__main__.py", _START.encode()))


@dataclass(frozen=True, slots=True)
class Parts:
    """What was found: programs of the host that the sandbox is made of."""

    bubblewrap: Path
    python: Interpreter
    node: Interpreter | None
    checker: Interpreter | None = None

    def of(self, toolchain: Toolchain) -> Parts:
        """The parts for programs of that toolchain: types are checked by an interpreter apart."""
        if toolchain is Toolchain.PYTHON_TYPES and self.checker is not None:
            return replace(self, python=self.checker)
        return self


def command(
    parts: Parts, scratch_bytes: int, given: Sequence[tuple[str, int]], seccomp: int | None
) -> list[str]:
    """What is run: bubblewrap, and in it Python with the inside program.

    `given` are read-only files by path and descriptor; `seccomp` is the filter's descriptor.
    """
    python = parts.python
    # Not isolated (-I): that would ignore PYTHONHASHSEED, and there is no other variable to ignore.
    run = [str(python.path), "-s", "-B", *(() if python.packages else ("-S",)), _INSIDE]
    return [str(parts.bubblewrap), *_arguments(parts, scratch_bytes, given, seccomp), "--", *run]


def _arguments(
    parts: Parts, scratch_bytes: int, given: Sequence[tuple[str, int]], seccomp: int | None
) -> Iterator[str]:
    yield from ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc")
    yield from ("--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session")
    yield from ("--uid", _NOBODY, "--gid", _NOBODY, "--hostname", "sandbox")
    yield from ("--cap-drop", "ALL", "--clearenv", "--setenv", "PYTHONHASHSEED", "0")
    yield from ("--setenv", "LC_ALL", "C.UTF-8", "--setenv", "TZ", "UTC")
    yield from ("--setenv", "HOME", _SCRATCH, "--setenv", "TMPDIR", _SCRATCH)
    yield from ("--ro-bind", "/usr", "/usr")
    yield from _system()
    node = () if parts.node is None else parts.node.folders
    for folder in sorted({*parts.python.folders, *node}):
        yield from ("--ro-bind", str(folder), str(folder))
    # Without /proc and without a /dev of its own: there is nothing to read there, and a pod
    # that is not privileged may not mount them anyway.
    for device in _DEVICES:
        yield from ("--dev-bind-try", device, device)
    yield from ("--size", str(scratch_bytes), "--tmpfs", _SCRATCH, "--chdir", _SCRATCH)
    for path, descriptor in given:
        yield from ("--ro-bind-data", str(descriptor), path)
    if seccomp is not None:
        yield from ("--seccomp", str(seccomp))
    yield from ("--remount-ro", "/")


def _system() -> Iterator[str]:
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), name)
        elif path.is_dir():
            yield from ("--ro-bind", name, name)
    for name in _FILES:
        if Path(name).is_file():
            yield from ("--ro-bind", name, name)
