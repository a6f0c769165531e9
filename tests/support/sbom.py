"""The image's bill of materials, CycloneDX 1.6, from its lock: `make sbom`.

The same lock gives the same bytes: no serial number and no time stand in it. Licences are as the
installed packages declare them.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-image.lock"
# Which of the lock's lines hold in the image that is shipped.
MACHINE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "sys_platform": "linux",
}


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of the lock, and the packages that ask for it."""

    name: str
    version: str
    wanted_by: tuple[str, ...]


def locked(python: str) -> Iterator[Locked]:
    """What the lock installs on Linux with this Python, as `3.13`."""
    environment = {**MACHINE, "python_version": python, "python_full_version": f"{python}.0"}
    for entry in re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8").strip()):
        requirement = Requirement(entry.split(" \\\n")[0])
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            comment = entry.partition("# via")[2].replace("#", " ")
            wanted_by = tuple(re.findall(r"^\s*([a-z0-9][a-z0-9._-]*)\s*$", comment, re.MULTILINE))
            yield Locked(canonicalize_name(requirement.name), pin.version, wanted_by)


def bill(python: str) -> dict[str, Any]:
    """The document: the image's program, its packages, and who asks for which."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = sorted(locked(python), key=lambda one: one.name)
    own = _component(project["name"], project["version"], "application")
    wants: dict[str, list[str]] = {own["bom-ref"]: []}
    references = {one.name: _purl(one.name, one.version) for one in found}
    for one in found:
        wants.setdefault(references[one.name], [])
        for parent in one.wanted_by or (project["name"],):
            wants.setdefault(references.get(parent, own["bom-ref"]), []).append(
                references[one.name]
            )
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": [_component(one.name, one.version, "library") for one in found],
        "dependencies": [
            {"ref": parent, "dependsOn": sorted(set(children))}
            for parent, children in sorted(wants.items())
        ],
    }


def _component(name: str, version: str, kind: str) -> dict[str, Any]:
    purl = _purl(name, version)
    return {
        "type": kind,
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        **licences(name),
    }


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{canonicalize_name(name)}@{version}"


def licences(name: str) -> dict[str, Any]:
    """Licences of an installed package as CycloneDX has them; empty where it is not installed."""
    try:
        declared = metadata(name).json
    except PackageNotFoundError:
        return {}
    if expression := declared.get("license_expression"):
        return {"licenses": [{"expression": expression}]}
    kinds = [kind for kind in declared.get("classifier", []) if kind.startswith("License ::")]
    names = [kind.rpartition(" :: ")[2] for kind in kinds] or [str(declared.get("license", ""))]
    return {"licenses": [{"license": {"name": one}} for one in names if one and len(one) < 80]}


def main() -> int:
    """Prints the bill for the Python that is named, or for the image's own."""
    python = sys.argv[1] if len(sys.argv) > 1 else "3.13"
    print(json.dumps(bill(python), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
