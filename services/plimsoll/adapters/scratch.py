"""Temporary folders that are gone in the end, also where their process was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Whoever lives holds a lock on this file of its folder; the system lets it go with the process.
_LOCK = ".held"


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """A new folder `plimsoll-NAME-...` for as long as the block runs.

    Folders of that name whose processes have died are removed first; those of the living, those of
    other users and whatever else has such a name stay.
    """
    _sweep(name)
    with tempfile.TemporaryDirectory(prefix=_prefix(name)) as made:
        folder = Path(made)
        # Locked before it has its name: nobody can find it there unlocked.
        new = folder / f"{_LOCK}.new"
        with new.open("wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            new.rename(folder / _LOCK)
            yield folder


def _sweep(name: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_prefix(name)}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


def _prefix(name: str) -> str:
    return f"plimsoll-{name}-"
