"""The program inside the sandbox: reads its job, limits itself, runs it, and tells line by line."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator

from plimsoll.adapters.sandbox.harness.jobs import Ending, Job, read_job, tell
from plimsoll.adapters.sandbox.harness.limits import limit_this_process

# Requests that ran into a limit; after so many the others are not tried any more.
_MAX_EXHAUSTED = 2


def main() -> None:
    """Lines: `version`, `compiled`, `loaded`, one `answer` a request, and `done`."""
    job = read_job(0)
    results = _quiet()
    limit_this_process(job.limits, address_space=job.toolchain != "javascript")
    version = _version(job)
    tell(results, "version", version)
    if version[0] != "value":
        os._exit(0)
    endings = _endings(job, results)
    exhausted = 0
    for place, ending in enumerate(endings):
        tell(results, ("compiled", "loaded")[place] if place < 2 else "answer", ending)
        exhausted += ending[0] == "exhausted"
        if exhausted == _MAX_EXHAUSTED:
            for _ in range(len(job.requests) - (place - 1)):
                tell(results, "answer", ("untried", ""))
            break
    tell(results, "done", ("value", ""))
    # Whatever the program has registered for the end is not run.
    os._exit(0)


def _quiet() -> int:
    """Leaves nothing open but a private copy of standard output; gives its descriptor."""
    results = os.dup(1)
    nothing = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.closerange(3, results)
    os.closerange(results + 1, 256)
    return results


def _version(job: Job) -> Ending:
    if job.toolchain == "python_types":
        from plimsoll.adapters.sandbox.harness import python_types  # noqa: PLC0415 - as below

        return python_types.version()
    return "value", _version_of_interpreter(job)


def _version_of_interpreter(job: Job) -> str:
    if job.toolchain == "sql":
        import sqlite3  # noqa: PLC0415 - each toolchain loads what it needs

        return f"sqlite-{sqlite3.sqlite_version}"
    if job.toolchain == "javascript":
        from plimsoll.adapters.sandbox.harness.javascript_programs import (  # noqa: PLC0415 - as above
            version,
        )

        return version(job)
    return f"{platform.python_implementation().lower()}-{platform.python_version()}"


def _endings(job: Job, results: int) -> Iterator[Ending]:
    if job.toolchain == "sql":
        from plimsoll.adapters.sandbox.harness import sql_programs  # noqa: PLC0415 - as above

        return sql_programs.answers(job, results)
    if job.toolchain == "javascript":
        from plimsoll.adapters.sandbox.harness import (  # noqa: PLC0415 - as above
            javascript_programs,
        )

        return javascript_programs.answers(job)
    if job.toolchain == "python_types":
        from plimsoll.adapters.sandbox.harness import python_types  # noqa: PLC0415 - as above

        return python_types.answers(job, results)
    from plimsoll.adapters.sandbox.harness import python_programs  # noqa: PLC0415 - as above

    return python_programs.answers(job, results)
