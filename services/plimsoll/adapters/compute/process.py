"""A compute process as its parent sees it: started when first needed, killed when too slow."""

from __future__ import annotations

import asyncio
import pickle
import sys

from plimsoll.adapters.compute.worker import HEADER, Setup
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.domain.shortage import shortage

_STREAM_LIMIT_BYTES = 16 * 1024 * 1024


class ProcessDiedError(Exception):
    """The process ended before it answered."""


class ComputeProcess:
    """At most one task at a time; after a kill the next task starts a new process.

    `module` is run as a program that calls `worker.serve`; `setup` is the first that it hears.
    """

    def __init__(self, module: str, setup: Setup) -> None:
        self._module = module
        self._first = pickle.dumps(setup, pickle.HIGHEST_PROTOCOL)
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, metric: str, result: LlmResult) -> Score:
        """Sends one task and waits for its score; ProcessDiedError where the process ends."""
        try:
            process, new = await self._running()
        except OSError as error:
            if (fatal := shortage(error)) is not None:
                raise fatal from error
            # Memory or process IDs are short: the record is not to blame.
            raise ProcessDiedError(f"no compute process could be started for {metric}") from error
        if process.stdin is None or process.stdout is None:
            raise ProcessDiedError(f"{self._module} has no pipes")
        task = pickle.dumps((metric, result), pickle.HIGHEST_PROTOCOL)
        try:
            for frame in (self._first, task) if new else (task,):
                process.stdin.write(HEADER.pack(len(frame)) + frame)
            await process.stdin.drain()
            (length,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
            answer = await process.stdout.readexactly(length)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise ProcessDiedError(f"a compute process died on {metric}") from error
        # Written by our own program at the other end of a pipe that nobody else holds.
        score = pickle.loads(answer)  # noqa: S301 - see above
        if not isinstance(score, Score):
            raise ProcessDiedError(f"a compute process answered {type(score).__name__}")
        return score

    async def kill(self) -> None:
        """Ends the process, if there is one."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _running(self) -> tuple[asyncio.subprocess.Process, bool]:
        """The process, and whether it has just been started."""
        if self._process is not None and self._process.returncode is None:
            return self._process, False
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_STREAM_LIMIT_BYTES,
            # Its own group: what is meant for the parent's terminal is not meant for it.
            start_new_session=True,
        )
        return self._process, True
