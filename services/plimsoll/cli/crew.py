"""Services as child processes that are watched, started again, and stopped in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plimsoll.adapters.embedded.leash import leashed
from plimsoll.cli.failures import USAGE
from plimsoll.domain.errors import FatalError

Tell = Callable[[str], None]

_LOOK_S = 0.02
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0
# Who has lived so long has not failed at its start.
_LIVED_S = 30.0
_MOST_FALSE_STARTS = 4
_STOP_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Job:
    """One child: its name, its command, and the stage in which it is stopped (lowest first)."""

    name: str
    command: Sequence[str]
    stage: int


class Child:
    """One job's process, the newest of those that did it."""

    def __init__(self, job: Job, directory: Path) -> None:
        self.job = job
        self.log = directory / f"{job.name}.log"
        self.ready_file = directory / f"{job.name}.ready"
        self.process: asyncio.subprocess.Process | None = None
        self.released = False
        self._false_starts = 0

    @property
    def ready(self) -> bool:
        """Whether the process that runs now has said that it serves."""
        return self.alive and self.ready_file.exists()

    @property
    def alive(self) -> bool:
        """Whether a process runs."""
        return self.process is not None and self.process.returncode is None

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process, where one runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    async def run(self, environment: Mapping[str, str]) -> int:
        """One life; gives the exit code, negative for a signal."""
        self.ready_file.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *leashed([*self.job.command, "--ready-file", str(self.ready_file)]),
                stdout=log,
                stderr=log,
                env=dict(environment),
                start_new_session=True,
            )
        return await self.process.wait()

    def judge(self, code: int, lived_s: float) -> None:
        """FatalError where starting again would only fail again."""
        served = self.ready_file.exists()
        self._false_starts = 0 if served or lived_s > _LIVED_S else self._false_starts + 1
        if not served and (code == USAGE or self._false_starts >= _MOST_FALSE_STARTS):
            raise FatalError(f"{self.job.name} {how_it_ended(code)}: {self.last_words()}")

    def last_words(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} (log: {self.log})"


class Crew:
    """All children; whoever ends without being told to is started again, and that is told."""

    def __init__(
        self, jobs: Sequence[Job], environment: Mapping[str, str], directory: Path, tell: Tell
    ) -> None:
        self.children = {job.name: Child(job, directory) for job in jobs}
        self._environment = environment
        self._tell = tell
        self._keeping: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Starts every child and watches over it."""
        for name, child in self.children.items():
            self._keeping[name] = asyncio.create_task(self._keep(child))

    async def ready(self, names: Sequence[str], timeout_s: float) -> None:
        """Returns once these serve; FatalError where one cannot, or not in time."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while late := [name for name in names if not self.children[name].ready]:
            self._raise_failure()
            if asyncio.get_running_loop().time() > deadline:
                child = self.children[late[0]]
                raise FatalError(f"{late[0]} does not serve: {child.last_words()}")
            await asyncio.sleep(_LOOK_S)

    async def failed(self) -> None:
        """Returns never; raises the FatalError of the first child that cannot live."""
        await asyncio.gather(*self._keeping.values())
        await asyncio.Event().wait()

    def release(self, name: str) -> Child:
        """A child that is not started again when it ends."""
        child = self.children[name]
        child.released = True
        return child

    async def stop(self) -> None:
        """SIGTERM stage by stage, so that what is under way arrives; SIGKILL for who hangs."""
        for child in self.children.values():
            child.released = True
        for stage in sorted({child.job.stage for child in self.children.values()}):
            await self._stop([c for c in self.children.values() if c.job.stage == stage])
        for task in self._keeping.values():
            task.cancel()
        await asyncio.gather(*self._keeping.values(), return_exceptions=True)

    async def _stop(self, children: Sequence[Child]) -> None:
        waits = []
        for child in children:
            child.signal(signal.SIGTERM)
            if child.process is not None:
                waits.append(asyncio.ensure_future(child.process.wait()))
        if waits:
            await asyncio.wait(waits, timeout=_STOP_TIMEOUT_S)
        for child in children:
            if child.alive:
                self._tell(f"{child.job.name} did not stop in {_STOP_TIMEOUT_S:g} s: killed")
                child.signal(signal.SIGKILL)
        await asyncio.gather(*waits)

    async def _keep(self, child: Child) -> None:
        pause_s = _FIRST_PAUSE_S
        while not child.released:
            pause_s = await self._one_life(child, pause_s)

    async def _one_life(self, child: Child, pause_s: float) -> float:
        """Runs it until it ends, and rests; gives how long to rest after the next life."""
        clock = asyncio.get_running_loop().time
        began = clock()
        code = await child.run(self._environment)
        if child.released:
            return 0.0
        lived_s = clock() - began
        child.judge(code, lived_s)
        rest_s = _FIRST_PAUSE_S if lived_s > _LIVED_S else pause_s
        self._tell(f"{child.job.name} {how_it_ended(code)}; starting it again in {rest_s:g} s")
        await asyncio.sleep(rest_s)
        return min(rest_s * 2, _LONGEST_PAUSE_S)

    def _raise_failure(self) -> None:
        for task in self._keeping.values():
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"
