"""Programs and data out of wheels, fetched once by digest into the cache outside the tree."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.real_parts import PartMissingError, fetched, say


@dataclass(frozen=True, slots=True)
class Wheel:
    """One wheel of the package index, pinned by the SHA-256 of its bytes."""

    name: str
    version: str
    sha256: str
    mib: int


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name in the cache, made once for all clones and processes.

    `make` fills a folder that gets its name only when it is whole.
    """
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(root, "plimsoll", name)
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{folder}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            partial = folder.with_name(f"{folder.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            make(partial)
            partial.rename(folder)
    return folder


def download(wheel: Wheel, folder: Path) -> Path:
    """Has pip fetch it, which compares the digest; PartMissingError says what went wrong."""
    say(f"fetching {wheel.name} {wheel.version} ({wheel.mib} MiB)")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as wanted:
        wanted.write(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
        wanted.flush()
        patience = ("--retries", "10", "--timeout", "60")
        options = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-cache-dir")
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        command += [*patience, *options, "--dest", str(folder), "-r", wanted.name]
        answer = fetched(*command)
    if answer.returncode != 0:
        raise PartMissingError(
            f"pip could not fetch {wheel.name} {wheel.version}; is the package index within "
            f"reach?\n{answer.stderr[-2000:]}"
        )
    (found,) = folder.glob("*.whl")
    return found
