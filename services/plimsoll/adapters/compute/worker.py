"""One compute process: reads tasks from its pipe, answers with scores, dies with its parent."""

from __future__ import annotations

import ctypes
import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score

# A pattern or schema that would eat the machine's memory ends this process, and no other.
MAX_MEMORY_BYTES = 2 * 1024**3
HEADER = struct.Struct("<Q")
_PR_SET_PDEATHSIG = 1

# From a metric's name and a result to its score.
Answer = Callable[[str, LlmResult], Score]


@dataclass(frozen=True, slots=True)
class Setup:
    """What a compute process is told first: what to compose its metrics from, and its memory."""

    payload: object = None
    memory_bytes: int = MAX_MEMORY_BYTES


def serve(compose: Callable[[object], Answer]) -> None:
    """Answers until the pipe ends; frames are a length of eight bytes and a pickle.

    The first frame is a `Setup`; what it holds for `compose` gives what answers the others.
    """
    _die_with_parent()
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    tasks = sys.stdin.buffer
    first = _read(tasks)
    if first is None:
        return
    # Both ends are the same program and the pipe has no other writer.
    setup: Setup = pickle.loads(first)  # noqa: S301 - see above
    _limit(setup.memory_bytes)
    answer = compose(setup.payload)
    newest: LlmResult | None = None
    while (task := _read(tasks)) is not None:
        name, result = pickle.loads(task)  # noqa: S301 - as above
        # The same object again for the next metric of a result: what metrics share of it, as the
        # runs of its code, they know by its identity.
        if newest is not None and result == newest:
            result = newest
        newest = result
        score = pickle.dumps(answer(name, result), pickle.HIGHEST_PROTOCOL)
        answers.write(HEADER.pack(len(score)) + score)
        answers.flush()


def _limit(memory_bytes: int) -> None:
    # The soft limit only: programs in a sandbox have limits of their own, and Node.js needs more
    # address space than it ever uses.
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    allowed = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(tasks: IO[bytes]) -> bytes | None:
    header = tasks.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    return tasks.read(length)


def _die_with_parent() -> None:
    # Linux; elsewhere the end of the pipe does it, once the task in hand is done.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
