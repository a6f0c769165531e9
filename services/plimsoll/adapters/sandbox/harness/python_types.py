"""Type checks of Python programs by mypy, where it is among the interpreter's packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.adapters.sandbox.harness.forks import in_a_fork
from plimsoll.adapters.sandbox.harness.jobs import Ending, Job
from plimsoll.adapters.sandbox.harness.python_programs import compiled

# What is wrong in any reading of the code. Whether it is annotated in full, or imports what has no
# types, is its author's business; what third parties' packages are here is nobody's.
_OPTIONS = (
    "--config-file=", "--cache-dir=/dev/null", "--no-incremental", "--no-site-packages",
    "--ignore-missing-imports", "--check-untyped-defs", "--allow-redefinition",
    "--disable-error-code=var-annotated", "--disable-error-code=import-untyped",
    "--show-error-codes", "--no-error-summary", "--no-color-output", "--no-pretty",
)  # fmt: skip
# Comments that silence the checker: a program is not to be its own judge.
_SILENCE = re.compile(r"#[ \t]*(?:type:[ \t]*ignore|mypy:)")
_ERROR = re.compile(r"^[^\n]*: error: [^\n]*\[([a-z-]{1,40})\]$", re.MULTILINE)


def version() -> Ending:
    """The checker's version, or an error where there is none."""
    try:
        from mypy.version import __version__  # noqa: PLC0415 - an optional package
    except ImportError:
        return "error", "missing"
    return "value", f"mypy-{__version__}"


def answers(job: Job, results: int) -> Iterator[Ending]:
    """How compiling ended, then whether the types agree."""
    code = compiled(job.source)
    if isinstance(code, tuple):
        yield code
        return
    yield "value", ""
    yield in_a_fork(lambda: checked(job.source), results)


def checked(source: str) -> Ending:
    """A value where there is no error, else the kind of the first one; the program is not run.

    `unreadable` where the checker cannot tell, as for syntax that it does not know.
    """
    from mypy import api  # noqa: PLC0415 - an optional package

    with open("program.py", "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - pathlib takes longer to import than most programs to run
        file.write(_SILENCE.sub("# ", source))
    told, _, status = api.run([*_OPTIONS, "program.py"])
    found = _ERROR.search(told)
    if status == 0:
        return "value", ""
    if status == 1 and found is not None:
        return "error", found[1]
    return "error", "unreadable"
