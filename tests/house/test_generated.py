"""What is generated or drawn from elsewhere is fresh: protobuf code, floors, locks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import GENERATED, ROOT

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Runs a tool of this environment in the project's root."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def locked(name: str) -> dict[str, str]:
    """The versions in a lock."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(package): version for package, version in LOCKED.findall(text)}


def test_the_protobuf_code_is_fresh(tmp_path: Path) -> None:
    """Generating from protos/ again gives, byte for byte, the code that is in the tree."""
    protos = [str(path) for path in sorted((ROOT / "protos" / "plimsoll" / "v1").glob("*.proto"))]
    outputs = [f"--{kind}_out={tmp_path}" for kind in ("python", "grpc_python")]
    outputs += [f"--{kind}_out=quiet:{tmp_path}" for kind in ("mypy", "mypy_grpc")]
    answer = run(
        sys.executable, "-m", "grpc_tools.protoc", "-I", str(ROOT / "protos"), *outputs, *protos
    )
    assert answer.returncode == 0, answer.stderr
    fresh = {path.name: path.read_text() for path in (tmp_path / "plimsoll" / "v1").iterdir()}
    in_tree = {
        path.name: path.read_text()
        for path in GENERATED.glob("*_pb2*")
        if path.suffix in {".py", ".pyi"}
    }
    assert in_tree == fresh


def test_imports_go_down_the_floors() -> None:
    """import-linter keeps every contract of pyproject.toml."""
    answer = run("lint-imports")
    assert answer.returncode == 0, answer.stdout


def test_the_locks_name_no_host() -> None:
    """A lock holds versions and hashes; where they come from is the installer's business."""
    found = {
        path.name: line
        for path in ROOT.glob("*.lock")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "://" in line or "--index-url" in line or "--find-links" in line
    }
    assert found == {}


def test_every_locked_package_has_hashes() -> None:
    """No package can be installed that was not there when the lock was made."""
    for path in ROOT.glob("*.lock"):
        text = path.read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[A-Za-z0-9])", text)
        bare = [entry.split()[0] for entry in entries if "==" in entry and "--hash=" not in entry]
        assert bare == [], path.name


def test_direct_dependencies_are_locked() -> None:
    """Each requirement of pyproject.toml stands in its lock, at a version that satisfies it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = list(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        runtime += extra
    wanted = {
        "requirements.lock": runtime,
        "requirements-dev.lock": [*runtime, *project["dependency-groups"]["dev"]],
        "requirements-build.lock": project["build-system"]["requires"],
    }
    for lock, requirements in wanted.items():
        versions = locked(lock)
        for requirement in map(Requirement, requirements):
            version = versions.get(canonicalize_name(requirement.name))
            assert version is not None, f"{requirement} is not in {lock}: make lock"
            assert requirement.specifier.contains(version), f"{requirement}: {lock} has {version}"
