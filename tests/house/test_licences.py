"""Whoever installs Plimsoll may: each package of the lock is under a licence of this list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.requirements import Requirement

from tests.house.tree import ROOT
from tests.support.sbom import licences

# As packages declare them: an SPDX expression's names, or a classifier. The Mozilla Public License
# asks for changes to its files, and we ship none.
ALLOWED = frozenset(
    {
        "0BSD",
        "3-Clause BSD License",
        "Apache Software License",
        "Apache-2.0",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC License (ISCL)",
        "MIT",
        "MIT License",
        "MIT-0",
        "MPL-2.0",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "PSF-2.0",
        "Python Software Foundation License",
        "Repoze Public License",
        "Zlib",
    }
)


def packages() -> Iterator[str]:
    """Names of what the lock, with every extra, installs on this machine."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").strip()
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#"):
            requirement = Requirement(entry.split(" \\\n")[0])
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement.name


def declared(package: str) -> set[str]:
    """Every licence that a package names, whether it asks for all of them or offers a choice."""
    found: set[str] = set()
    for one in licences(package).get("licenses", []):
        said = one.get("expression", "").replace("(", "").replace(")", "")
        found.update(re.split(r" (?:AND|OR) ", said or one["license"]["name"]))
    return found


def test_each_package_is_under_a_licence_that_may_be() -> None:
    """None is without one, and none names one that is not on the list, whatever the extra."""
    found = {package: declared(package) for package in packages()}
    assert "opentelemetry-sdk" in found
    assert {package: names for package, names in found.items() if not names} == {}
    strange = {package: names - ALLOWED for package, names in found.items() if names - ALLOWED}
    assert strange == {}
