"""JavaScript in the sandbox: Node.js is asked line by line, with CPU time for each line."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
from collections.abc import Iterator

from plimsoll.adapters.sandbox.harness.jobs import Ending, Job
from plimsoll.adapters.sandbox.harness.looks import IDLE_LOOKS, LOOK_MS, Looks, cpu_s

_SCRIPT = os.path.join(os.path.dirname(__file__), "javascript.js")  # noqa: PTH118, PTH120 - pathlib takes longer to import than most programs to run
_OUT_OF_LIMITS = (signal.SIGXCPU, signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL)
_MAX_LINE_BYTES = 1_024
# Before its first answer Node.js itself is read from a disk that others may keep busy.
_START_LOOKS = 80
_MIB = 1024 * 1024


def version(job: Job) -> str:
    """Node's own word."""
    told = subprocess.run([job.node, "--version"], stdout=subprocess.PIPE, check=True).stdout  # noqa: S603 - a path of the settings
    return f"node-{told.decode('ascii', 'replace').strip().lstrip('v')}"


def answers(job: Job) -> Iterator[Ending]:
    """How compiling and loading ended, then an ending for each request."""
    node = _Node(job)
    compiled = node.ask({"ask": "compile"})
    yield compiled
    if compiled[0] != "value":
        return
    loaded = node.ask({"ask": "load"}) if job.loads else ("value", "")
    yield loaded
    if loaded[0] != "value":
        return
    for ask, text in job.requests:
        yield node.ask({"ask": ask, "text": text})


class _Node:
    """A process that is started again where a request has ended it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._process: subprocess.Popen[bytes] | None = None
        self._most_looks = IDLE_LOOKS

    def ask(self, request: dict[str, object]) -> Ending:
        """What one request comes to."""
        process = self._running()
        self._grant(process)
        try:
            self._write(process, request)
        except BrokenPipeError:
            return self._ended(process, idle=False)
        line, idle = self._line(process)
        if not line.endswith(b"\n"):
            return self._ended(process, idle=idle)
        self._most_looks = IDLE_LOOKS
        ended, _, output = line.decode("ascii", "replace").strip().partition(" ")
        return ended, output

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._most_looks = _START_LOOKS
            megabytes = self._job.limits["memory_bytes"] // _MIB
            # The young generation and everything outside the heap need room too.
            heap = f"--max-old-space-size={max(16, megabytes // 2)}"
            self._process = subprocess.Popen(  # noqa: S603 - a path of the settings
                [self._job.node, heap, "--single-threaded-gc", "--v8-pool-size=0", _SCRIPT],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
            self._write(
                self._process,
                {
                    "source": self._job.source,
                    "entry_point": self._job.entry_point,
                    "output_bytes": self._job.output_bytes,
                },
            )
        return self._process

    def _write(self, process: subprocess.Popen[bytes], line: dict[str, object]) -> None:
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        process.stdin.write(json.dumps(line).encode() + b"\n")

    def _grant(self, process: subprocess.Popen[bytes]) -> None:
        """CPU time for one request, besides what has been used."""
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        soft = int(cpu_s(process.pid)) + 1 + self._job.limits["cpu_s"]
        if most != resource.RLIM_INFINITY:
            soft = min(soft, most)
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (soft, most))

    def _line(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bool]:
        assert process.stdout is not None  # noqa: S101 - as above
        poll = select.poll()
        poll.register(process.stdout, select.POLLIN | select.POLLHUP)
        line, looks = b"", Looks(process.pid)
        while len(line) < _MAX_LINE_BYTES and not line.endswith(b"\n"):
            if poll.poll(LOOK_MS):
                read = os.read(process.stdout.fileno(), _MAX_LINE_BYTES)
                if not read:
                    break
                line += read
                looks.forget()
            elif looks.again() >= self._most_looks:
                return line, True
        return line, False

    def _ended(self, process: subprocess.Popen[bytes], *, idle: bool) -> Ending:
        self._process = None
        if idle:
            process.kill()
        status = process.wait()
        if idle or (status < 0 and -status in _OUT_OF_LIMITS):
            return "exhausted", "idle" if idle else "limit"
        return "error", "crash" if status < 0 else "exit"
