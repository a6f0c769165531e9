"""Finds what runs code: bubblewrap, a Python and a Node.js that the sandbox's user may read."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from plimsoll.adapters.sandbox.bubblewrap import Interpreter

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_PYTHONS = ("python3", "python3.13", "python3.12", "python3.11")


def find_bubblewrap(name: str) -> Path | None:
    """The program of bubblewrap by a path, or by a name on the usual path."""
    return _found(name)


def find_pythons(name: str) -> Iterator[Interpreter]:
    """The Python that is named, or those that will do: this one without its packages first."""
    if name:
        path = _found(name)
        if path is not None:
            yield Interpreter(path, _folders(path), packages=True)
        return
    own = getattr(sys, "_base_executable", sys.executable)
    for candidate in dict.fromkeys((own, *_PYTHONS)):
        path = _found(candidate)
        if path is not None and readable_by_all(path):
            yield Interpreter(path, _folders(path))


def find_node(name: str) -> Interpreter | None:
    """The Node.js that is named, or the one on the usual path."""
    path = _found(name or "node") or (None if name else _found("nodejs"))
    if path is None or not readable_by_all(path):
        return None
    return Interpreter(path, _folders(path))


def find_checker(name: str) -> Interpreter | None:
    """The Python that is named for type checks, with its packages; None where nobody may run it."""
    path = _found(name)
    if path is None or not readable_by_all(path):
        return None
    return Interpreter(path, _folders(path), packages=True)


def readable_by_all(path: Path) -> bool:
    """Whether any user may get at a file, as the sandbox's user has no rights of its own.

    Where links lead counts as well: an environment's Python is a link to the one it was made from.
    """
    if os.geteuid() != 0:
        return os.access(path, os.X_OK)
    try:
        ways = {p for end in (path, path.resolve(strict=True)) for p in (end, *end.parents)}
        return all(p.stat().st_mode & stat.S_IXOTH for p in ways)
    except OSError:
        return False


def _found(name: str) -> Path | None:
    found = shutil.which(name, path=f"{os.defpath}:{_SYSTEM_PATH}")
    return Path(found) if found is not None else None


def _folders(path: Path) -> tuple[Path, ...]:
    """The folders outside /usr that a program is spread over: its own, and where links lead."""
    roots = {path.parent.parent, path.resolve().parent.parent}
    marker = path.parent.parent / "pyvenv.cfg"
    if marker.is_file():
        for line in marker.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "home":
                roots.add(Path(value.strip()).parent)
    return tuple(
        sorted(root for root in roots if not root.is_relative_to("/usr") and root != Path("/"))
    )
