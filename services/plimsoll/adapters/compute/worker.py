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
from typing import IO

from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics

# A pattern or schema that would eat the machine's memory ends this process, and no other.
MAX_MEMORY_BYTES = 2 * 1024**3
HEADER = struct.Struct("<Q")
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serves the metrics that there are."""
    metrics = {metric.spec.name: metric for metric in registered_metrics()}
    serve(lambda name, result: evaluate(metrics[name], result))


def serve(answer: Callable[[str, LlmResult], Score]) -> None:
    """Answers until the pipe ends; frames are a length of eight bytes and a pickle."""
    _die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    tasks = sys.stdin.buffer
    while (task := _read(tasks)) is not None:
        # Both ends are the same program and the pipe has no other writer.
        name, result = pickle.loads(task)  # noqa: S301 - see above
        score = pickle.dumps(answer(name, result), pickle.HIGHEST_PROTOCOL)
        answers.write(HEADER.pack(len(score)) + score)
        answers.flush()


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


if __name__ == "__main__":
    main()
