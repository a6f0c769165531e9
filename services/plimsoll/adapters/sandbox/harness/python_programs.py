"""Python programs in the sandbox: compiled, loaded once, and asked in forks of their own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from types import CodeType

from plimsoll.adapters.sandbox.harness.canonical import EXACT, MAX_ITEMS, TooLargeError, digest
from plimsoll.adapters.sandbox.harness.forks import in_a_fork
from plimsoll.adapters.sandbox.harness.jobs import Ending, Job
from plimsoll.adapters.sandbox.harness.python_tests import run_test

# Sources of chance that are set to one state before a program is loaded, and before each request.
_CHANCE = ("random", "numpy")

Namespace = dict[str, object]

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([^#;\n]+))", re.MULTILINE
)
_STEADY_MODULES = frozenset(
    {
        "__future__", "abc", "bisect", "collections", "copy", "dataclasses", "decimal", "enum",
        "fractions", "functools", "heapq", "itertools", "json", "math", "operator", "re",
        "statistics", "string", "textwrap", "typing", "unicodedata",
    }
)  # fmt: skip
# Names by which a program gets at chance, clocks, addresses or modules without an import line; a
# module after a semicolon is one more way.
_UNSTEADY = re.compile(
    r"\b(?:id|hash|open|eval|exec|globals|locals|vars|getattr|object|compile|breakpoint)\b|__\w+__|"
    r";[ \t]*(?:import|from)\b|\\\n|repr\b"
)


def answers(job: Job, results: int) -> Iterator[Ending]:
    """How compiling and loading ended, then an ending for each request.

    Once the program is loaded, what this process does is up to it; it can only lie about itself.
    """
    code = compiled(job.source)
    if not isinstance(code, CodeType):
        yield code
        return
    yield "value", ""
    _import_chance(job.source)
    program = _Program(job, code)
    loaded = _caught(program.load) if job.loads else ("value", "")
    yield loaded
    if loaded[0] != "value":
        return
    for ask, text in job.requests:
        yield program.ending(ask, text, results)


class _Program:
    """A compiled program and the namespace that it was loaded into."""

    def __init__(self, job: Job, code: CodeType) -> None:
        self._job = job
        self._code = code
        self._namespace: Namespace = {}
        self._steady = steady(job.source)

    def load(self, name: str = "program") -> Ending:
        """Runs the program from top to bottom, as a module of that name."""
        _reset_chance()
        module = type(sys)(name)
        sys.modules[name] = module
        self._namespace = vars(module)
        exec(self._code, self._namespace)  # noqa: S102 - that is what the sandbox is for
        return "value", ""

    def ending(self, ask: str, text: str, results: int) -> Ending:
        """A request's ending; `unstable` where the program, loaded anew, gives another value."""
        work = {"call": self._call, "script": self._script, "test": self._test}[ask]
        loaded = self._job.loads

        def first() -> Ending:
            _reset_chance()
            return _caught(lambda: work(text))

        def again() -> Ending:
            if loaded:
                self.load()
            _reset_chance()
            return work(text)

        def second() -> Ending:
            return _caught(again)

        ending = in_a_fork(first, results)
        if ending[0] != "value" or ask == "test":
            return ending
        if not self._steady and in_a_fork(second, results) != ending:
            return "unstable", ""
        return "value", ending[1].partition("-")[0]

    def _call(self, text: str) -> Ending:
        function = self._namespace[self._job.entry_point]
        arguments = eval(text, dict(self._namespace))  # noqa: S307 - inside the sandbox
        return self._told(function(*arguments))  # type: ignore[operator]  # else it raises

    def _test(self, text: str) -> Ending:
        return run_test(dict(self._namespace), text, self._job.entry_point)

    def _script(self, text: str) -> Ending:
        written = f"{os.getpid()}.out"
        with open(written, "w+", encoding="utf-8", errors="replace") as output:  # noqa: PTH123 - pathlib takes longer to import than most programs to run
            sys.stdin, sys.stdout = _Lines(text), output
            try:
                self.load("__main__")
            except SystemExit as left:
                if left.code not in (None, 0):
                    raise
            output.seek(0)
            said = output.read(self._job.output_bytes + 1)
        lines = [line.rstrip() for line in said.rstrip().splitlines()]
        return self._told(lines)

    def _told(self, value: object) -> Ending:
        """Two digests: one to compare programs by, one to tell whether this one repeats itself."""
        if hasattr(value, "__next__"):
            value = "iterator", list(islice(value, MAX_ITEMS))  # type: ignore[call-overload]  # an iterator
        most = self._job.output_bytes
        return "value", f"{digest(value, most)}-{digest(value, most, EXACT)}"


def steady(source: str) -> bool:
    """Whether a program cannot but repeat itself, as nothing in it knows of time, chance or place.

    Then asking it twice would only take longer; when in doubt it is asked twice.
    """
    return _UNSTEADY.search(source) is None and all(
        name.strip().partition(" ")[0].partition(".")[0] in _STEADY_MODULES
        for match in _IMPORT.finditer(source)
        for name in (match[1] or match[2]).split(",")
    )


class _Lines:
    """A standard input that holds a text."""

    def __init__(self, text: str) -> None:
        self._lines = iter(text.splitlines(keepends=True))

    def readline(self, _size: int = -1) -> str:
        """The next line, or '' at the end."""
        return next(self._lines, "")

    def read(self, _size: int = -1) -> str:
        """All that is left."""
        return "".join(self._lines)

    def __iter__(self) -> Iterator[str]:
        return self._lines


def compiled(source: str) -> CodeType | Ending:
    """The program as code, or why there is none."""
    try:
        return compile(source, "program.py", "exec", dont_inherit=True)
    except MemoryError:
        return "exhausted", "memory"
    except (SyntaxError, ValueError, RecursionError, OverflowError) as error:
        return "error", type(error).__name__


def _import_chance(source: str) -> None:
    for name in _CHANCE:
        if name in source:
            try:
                __import__(name)
            except ImportError:
                continue


def _reset_chance() -> None:
    if "random" in sys.modules:
        sys.modules["random"].seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


def _caught(work: Callable[[], Ending]) -> Ending:
    """What it gives, or how it failed."""
    outcome = _Outcome()
    with outcome:
        outcome.ending = work()
    return outcome.ending


class _Outcome:
    """How a piece of a program ended, whatever it raised: nothing of ours is raised in there."""

    def __init__(self) -> None:
        self.ending: Ending = ("error", "exit")

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type | None, error: BaseException | None, _: object) -> bool:
        if isinstance(error, MemoryError):
            self.ending = ("exhausted", "memory")
        elif isinstance(error, TooLargeError):
            self.ending = ("exhausted", "output")
        elif kind is not None:
            self.ending = ("error", _named(kind))
        return True


def _named(kind: type) -> str:
    return kind.__name__[:64] if kind.__module__ == "builtins" else "Exception"
