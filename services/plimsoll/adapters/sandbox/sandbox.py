"""The sandbox: one bubblewrap a program, an inside program that asks it, and a reason if not."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

from plimsoll.adapters.sandbox.answers import (
    has_started,
    is_forbidden,
    lines_of,
    run_of,
    why_not_started,
)
from plimsoll.adapters.sandbox.bubblewrap import Parts, command, harness_files
from plimsoll.adapters.sandbox.interpreters import (
    find_bubblewrap,
    find_checker,
    find_node,
    find_pythons,
)
from plimsoll.adapters.sandbox.launch import SETPRIV, Bounds, Ran, in_memory, launch
from plimsoll.adapters.sandbox.seccomp import seccomp_filter
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.ports.sandbox import Ended, Program, Run, Toolchain
from plimsoll.settings.sandbox import SandboxSettings

T = TypeVar("T")

MAX_SOURCE_BYTES = 262_144
MAX_REQUESTS = 100
MAX_TOLD_BYTES = 1_048_576
_MIB = 1024**2
_LINE_BYTES = 256
# A program with all its requests and processes may take so many times what one request may.
_TOTAL_CPU = 5
# A start that fails for no reason that would last, as when the kernel is short of something.
_STARTS = 3
# What is denied may be granted: a package that is installed, a kernel's setting.
_LOOK_AGAIN_S = 60.0


class BubblewrapSandbox:
    """Looks for its parts and tries them when it is first asked, and remembers what it found.

    Why there is none it remembers for a minute by `monotonic_s`, and then looks again.
    """

    def __init__(
        self, settings: SandboxSettings, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._found: Parts | Absence | None = None
        self._versions: dict[Toolchain, str | Absence] = {}
        self._denied_until_s = 0.0
        self._files = harness_files()
        self._seccomp = seccomp_filter()

    def version(self, toolchain: Toolchain) -> str | Absence:
        """Name and version of what runs such programs, or why nothing does."""
        parts = self._parts()
        if isinstance(parts, Absence):
            return parts
        with self._lock:
            known = self._versions.get(toolchain)
            if known is None:
                known = self._versions[toolchain] = self._noted(self._tried(parts, toolchain))
        return known

    def run(self, program: Program) -> Run | Absence:
        """What came of a program; limits and what counts as which ending: see the port."""
        parts = self._parts()
        if isinstance(parts, Absence):
            return parts
        version = self.version(program.toolchain)
        if isinstance(version, Absence):
            return version
        too_large = _too_large(program)
        if too_large is not None:
            return too_large
        ran = self._launch(parts, program)
        return ran if isinstance(ran, Absence) else run_of(ran, len(program.requests))

    def _parts(self) -> Parts | Absence:
        with self._lock:
            self._look_again_at_times()
            if self._found is None:
                self._found = self._noted(self._look())
            return self._found

    def _noted(self, found: T | Absence) -> T | Absence:
        if isinstance(found, Absence):
            self._denied_until_s = self._monotonic_s() + _LOOK_AGAIN_S
        return found

    def _look_again_at_times(self) -> None:
        if self._denied_until_s and self._monotonic_s() >= self._denied_until_s:
            self._found, self._denied_until_s = None, 0.0
            self._versions.clear()

    def _look(self) -> Parts | Absence:
        settings = self._settings
        bubblewrap = find_bubblewrap(settings.bubblewrap)
        if bubblewrap is None:
            return Absence(AbsenceReason.SANDBOX_DENIED, "bubblewrap is not installed")
        if os.geteuid() == 0 and not SETPRIV.is_file():
            detail = f"there is no {SETPRIV} (util-linux), without which root cannot become nobody"
            return Absence(AbsenceReason.SANDBOX_DENIED, detail)
        node = find_node(settings.node)
        checker = find_checker(settings.type_checker) if settings.type_checker else None
        denied = Absence(
            AbsenceReason.TOOLCHAIN_MISSING, "there is no Python that the sandbox's user may read"
        )
        for python in find_pythons(settings.python):
            parts = Parts(bubblewrap, python, node, checker)
            version = self._tried(parts, Toolchain.PYTHON)
            if not isinstance(version, Absence):
                return parts
            denied = version
        return denied

    def _tried(self, parts: Parts, toolchain: Toolchain) -> str | Absence:
        """The version that the inside program tells when it has nothing to run."""
        missing = self._missing(parts, toolchain)
        if missing:
            return Absence(AbsenceReason.TOOLCHAIN_MISSING, missing)
        ran = self._launch(parts, Program(toolchain, ""))
        if isinstance(ran, Absence):
            return ran
        for word, answer in lines_of(ran):
            if word == "version" and answer.ended is Ended.VALUE:
                return answer.output
            if word == "version":
                named = "sandbox.type_checker" if parts.checker else "sandbox.python"
                detail = f"there is no type checker (mypy) among the packages of {named}"
                return Absence(AbsenceReason.TOOLCHAIN_MISSING, detail)
        return why_not_started(ran)

    def _missing(self, parts: Parts, toolchain: Toolchain) -> str:
        """What is known to be missing before anything is tried, or ''."""
        if toolchain is Toolchain.JAVASCRIPT and parts.node is None:
            return "Node.js is not installed"
        named = self._settings.type_checker
        if toolchain is Toolchain.PYTHON_TYPES and named and parts.checker is None:
            return (
                "there is no type checker: sandbox.type_checker names no Python that the "
                "sandbox's user may run"
            )
        return ""

    def _launch(self, parts: Parts, program: Program) -> Ran | Absence:
        """Starts the program, again where the sandbox itself did not come about."""
        ran = self._launched(parts, program)
        for _ in range(_STARTS - 1):
            if isinstance(ran, Absence) or has_started(ran) or ran.stopped or is_forbidden(ran):
                break
            ran = self._launched(parts, program)
        return ran

    def _launched(self, parts: Parts, program: Program) -> Ran | Absence:
        settings = self._settings
        with ExitStack() as stack:
            given = [
                (path, stack.enter_context(in_memory("inside", content)))
                for path, content in self._files
            ]
            seccomp = None
            if self._seccomp is not None:
                seccomp = stack.enter_context(in_memory("seccomp", self._seccomp))
            run = command(parts.of(program.toolchain), settings.scratch_mib * _MIB, given, seccomp)
            descriptors = [fd for _, fd in given] + ([seccomp] if seccomp is not None else [])
            bounds = Bounds(
                settings.wall_s,
                _TOTAL_CPU * settings.cpu_s,
                2 * settings.memory_mib * _MIB,
                (len(program.requests) + 8) * _LINE_BYTES,
            )
            try:
                return launch(run, descriptors, self._told(parts, program), bounds)
            except OSError as error:
                return Absence(
                    AbsenceReason.SANDBOX_DENIED, f"bubblewrap cannot be started: {error.strerror}"
                )

    def _told(self, parts: Parts, program: Program) -> bytes:
        settings = self._settings
        told = {
            "toolchain": program.toolchain.value,
            "source": program.source,
            "entry_point": program.entry_point,
            "requests": [(request.ask.value, request.text) for request in program.requests],
            "node": str(parts.node.path) if parts.node is not None else "",
            "limits": {
                # A checker reads the standard library's types too, whatever the program.
                "cpu_s": settings.cpu_s
                * (_TOTAL_CPU if program.toolchain is Toolchain.PYTHON_TYPES else 1),
                "memory_bytes": settings.memory_mib * _MIB,
                "processes": settings.processes,
                "file_bytes": settings.scratch_mib * _MIB,
                "output_bytes": settings.output_kib * 1_024,
            },
        }
        # ASCII with escapes: what is no character, as half of a pair, arrives as it was sent.
        return json.dumps(told).encode("ascii")


def _too_large(program: Program) -> Absence | None:
    told = sum(len(request.text) for request in program.requests)
    for what, size, most in (
        ("characters of source", len(program.source), MAX_SOURCE_BYTES),
        ("requests", len(program.requests), MAX_REQUESTS),
        ("characters in requests", told, MAX_TOLD_BYTES),
    ):
        if size > most:
            return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{size} {what}, {most} allowed")
    return None
