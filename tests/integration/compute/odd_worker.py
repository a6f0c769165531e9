"""A compute process whose metrics are odd: one never ends, one dies, one eats memory."""

from __future__ import annotations

import os
import signal
import time

from plimsoll.adapters.compute import worker
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score


def answer(name: str, result: LlmResult) -> Score:
    """A score that tells the process, unless the name says otherwise."""
    if name == "slow":
        time.sleep(600)
    if name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "greedy":
        bytearray(worker.MAX_MEMORY_BYTES)
    if name == "chatty":
        print("hello from a library", flush=True)
    if name == "identity":
        return Score(metric=name, version="1", outcome=float(id(result)))
    return Score(metric=name, version="1", outcome=float(os.getpid()))


def main() -> None:
    """As the real worker, with these metrics in place of the real ones."""
    worker.serve(lambda _: answer)


if __name__ == "__main__":
    main()
