"""Other people's scoring code, installed beside the tree for benchmarks to hold ours against."""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import shutil
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from tests.support.real_parts import PartMissingError, cache_dir, fetched, say

LOCK = Path(__file__).parents[1] / "bench" / "peers.lock"
# Their packages import models, plots and data sets when they are imported themselves. The modules
# that compute do not need those, so packages are opened without running their `__init__`.
PACKAGES = (
    "lm_polygraph",
    "lm_polygraph.estimators",
    "lm_polygraph.utils",
    "uqlm",
    "uqlm.white_box",
)
# Names that lm_polygraph.utils.common imports and no measured function calls.
STAND_INS = {"PIL": ("Image",), "transformers": ("AutoProcessor",)}


def folder_of(lock: Path) -> Path:
    """Where what a lock names is kept, for this version of Python."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    tag = f"{sys.version_info.major}.{sys.version_info.minor}"
    return cache_dir().with_name(f"peers-{digest}-{tag}")


def require_peers(lock: Path = LOCK) -> Path:
    """The folder with the pinned packages, installed once for all clones and processes."""
    folder = folder_of(lock)
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{folder}.lock").open("w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not folder.is_dir():
            install(lock, folder)
    return folder


def install(lock: Path, folder: Path) -> None:
    """Has pip install the lock into a folder that gets its name only when it is whole."""
    say(f"installing uqlm and lm-polygraph without their dependencies (21 MB) into {folder}")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    options = ["--no-deps", "--require-hashes", "--target", str(partial), "-r", str(lock)]
    answer = fetched(*command, *options)
    if answer.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise PartMissingError(f"the peers cannot be installed:\n{answer.stderr[-2000:]}")
    partial.rename(folder)


def open_peers(folder: Path) -> None:
    """Makes the modules of the folder importable; for a process of its own, which it changes."""
    sys.path.insert(0, str(folder))
    for name in PACKAGES:
        package = types.ModuleType(name)
        package.__path__ = [str(folder.joinpath(*name.split(".")))]
        sys.modules[name] = package
    for name, attributes in STAND_INS.items():
        sys.modules[name] = _stand_in(name, attributes)


def _stand_in(name: str, attributes: Sequence[str]) -> ModuleType:
    module = types.ModuleType(name)
    for attribute in attributes:
        setattr(module, attribute, None)
    return module


def peer(module: str, name: str) -> type:
    """A class of the peers' code."""
    found: type = getattr(importlib.import_module(module), name)
    return found
