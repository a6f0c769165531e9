"""One compute process: reads tasks from its pipe, answers with scores, dies with its parent."""

from __future__ import annotations

import ctypes
import os
import pickle
import resource
import signal
import struct
import sys
from typing import IO

from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import default_metrics

# A pattern or schema that would eat the machine's memory ends this process, and no other.
MAX_MEMORY_BYTES = 2 * 1024**3
HEADER = struct.Struct("<Q")
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serves until the pipe ends; frames are a length of eight bytes and a pickle."""
    _die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    metrics = {metric.spec.name: metric for metric in default_metrics()}
    tasks = sys.stdin.buffer
    while (task := _read(tasks)) is not None:
        # Both ends are the same program and the pipe has no other writer.
        name, result = pickle.loads(task)  # noqa: S301 - see above
        answer = pickle.dumps(evaluate(metrics[name], result), pickle.HIGHEST_PROTOCOL)
        answers.write(HEADER.pack(len(answer)) + answer)
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
