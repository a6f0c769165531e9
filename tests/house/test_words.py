"""Nothing in the tree sends a reader astray."""

from __future__ import annotations

import re

from tests.house.tree import ROOT, short, tracked_files

# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~-])/" + r"(?:work|root|home/\w+)/(?!\.m2)"),
    "a package of somebody else": re.compile(
        r"(?:pip3?|uv|uvx|pipx)\s+(?:pip\s+)?(?:install|add)\s+(?:-\S+\s+)*['\"]?"
        r"plimsoll(?!-confidence)\b"
    ),
    "a conflict that was not resolved": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
BINARY = {".gz", ".binpb", ".png", ".ico", ".woff2"}


def test_no_file_holds_forbidden_words() -> None:
    """No file names a machine's path, a stranger's package, or an open merge conflict."""
    found = [
        f"{short(path)}: {what}: {match.group(0)!r}"
        for path in tracked_files()
        if path.suffix not in BINARY
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_what_make_and_ci_call_is_there() -> None:
    """Each target that CI calls is a target of the Makefile, with its line of help."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    suites = re.search(r"suites=\(([a-z -]+)\)$", script, re.MULTILINE)
    assert suites
    assert f"`.ci/run {suites[1]}`" in script
    called = {*re.findall(r"^\s*make ([a-z]+)", script, re.MULTILINE), *suites[1].split()}
    explained = set(re.findall(r"^([a-z-]+):[^\n]*## ", makefile, re.MULTILINE))
    assert {"check", "lint", "test", "test-cluster", "test-infra"} <= called <= explained
