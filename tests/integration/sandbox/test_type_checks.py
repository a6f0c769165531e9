"""Type checks in the real sandbox, by an interpreter that has a checker among its packages."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.score import Score
from plimsoll.metrics.code_type_checks import CodeTypeChecks
from plimsoll.metrics.evaluate import evaluate
from plimsoll.ports.sandbox import Ended, Toolchain
from tests.support.sandboxes import host_as_it_was, ran, real_sandbox, value
from tests.support.sandboxes import python as run_python
from tests.unit.metrics.code_results import code_result

# Stands in for mypy, which the interpreter that the sandbox's user may read need not have; the
# real one checks in the unit tests of the harness.
CHECKER = """
def run(arguments):
    source = open(arguments[-1]).read()
    while "for ever" in source: pass
    wrong = "wrong" in source
    told = arguments[-1] + ":1: error: Incompatible types [assignment]" if wrong else ""
    return told, "", int(wrong)
"""


@pytest.fixture(scope="module")
def python() -> Iterator[str]:
    """An environment with such a package, where every user may read it."""
    folder = Path(tempfile.mkdtemp())
    try:
        real_sandbox()
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", folder], check=True)
        [packages] = folder.glob("lib/python3*/site-packages")
        (packages / "mypy").mkdir()
        (packages / "mypy" / "version.py").write_text("__version__ = '0.0'\n", encoding="utf-8")
        (packages / "mypy" / "api.py").write_text(CHECKER, encoding="utf-8")
        for path in (folder, *folder.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
        yield str(folder / "bin" / "python3")
    finally:
        shutil.rmtree(folder)


def test_code_is_checked_where_there_is_a_checker(python: str) -> None:
    """The checker's word is the value, its version is told, and nothing is left behind."""
    sandbox = real_sandbox(type_checker=python)
    assert sandbox.version(Toolchain.PYTHON_TYPES) == "mypy-0.0"
    assert real_sandbox(python=python).version(Toolchain.PYTHON_TYPES) == "mypy-0.0"

    def score(source: str) -> Score:
        return evaluate(CodeTypeChecks(sandbox), code_result(source))

    with host_as_it_was():
        fine, wrong, endless = (score(f"x = {it!r}") for it in ("fine", "wrong", "for ever"))
    assert (fine.value, wrong.value) == (1.0, 0.0)
    assert [item.text for item in wrong.evidence] == ["assignment"]
    assert ("checker", "mypy-0.0") in fine.provenance
    # Programs are run by the other interpreter, which has no packages.
    assert value(sandbox, run_python("def f():\n    return 1\n", "()")).ended is Ended.VALUE
    (imports,) = ran(sandbox, run_python("def f():\n    import mypy\n", "()")).answers
    assert (imports.ended, imports.output) == (Ended.ERROR, "ModuleNotFoundError")
    assert endless.absence is not None
    assert endless.absence.reason is AbsenceReason.INPUT_TOO_LARGE
