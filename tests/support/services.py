"""Plimsoll's services as processes of their own, that tests may kill, freeze and drain."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.group import LeaveGroupRequest

from plimsoll.settings.model import Settings
from tests.support.children import leashed
from tests.support.environment import environment
from tests.support.topics import administering

MEMBERS_DEADLINE_S = 600.0
# What the command `plimsoll` runs.
PROGRAM = "plimsoll.cli"
# By its client's ID a group's coordinator tells who a member is.
CLIENT_ID = "PLIMSOLL_KAFKA__CLIENT_ID"
# Of a group whose coordinator tells about it.
_STATES = {"Empty", "Dead", "PreparingRebalance", "CompletingRebalance", "Stable"}


@dataclass
class Service:
    """One process with its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    ready_file: Path
    leaving: bool = False

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> None:
        """SIGTERM; it drains."""
        self.leaving = True
        self.process.terminate()

    def pause(self) -> None:
        """SIGSTOP."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    @property
    def ready(self) -> bool:
        """Whether it has joined its group, or listens."""
        return self.ready_file.exists()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    async def ended(self, deadline_s: float = 600.0) -> int:
        """Its exit code, once it has ended; fails where it hangs."""
        deadline = time.monotonic() + deadline_s
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} still runs:\n{self.log_tail()}")
            await asyncio.sleep(0.05)
        return self.process.returncode

    def log_tail(self, lines: int = 25) -> str:
        """The end of its log, for messages."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])


@dataclass
class Fleet:
    """The services of one test; all of them end with it."""

    directory: Path
    services: list[Service] = field(default_factory=list)

    def start(
        self,
        module: str,
        settings: Settings,
        *arguments: str,
        variables: Mapping[str, str] | None = None,
    ) -> Service:
        """Starts `python -m module arguments` with these settings in its environment."""
        called = arguments[0] if module == PROGRAM else module.rpartition(".")[2]
        name = f"{called}-{len(self.services)}"
        if module == PROGRAM:
            arguments = (*arguments, "--ready-file", str(self._ready_file(name)))
        log = self.directory / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                leashed([sys.executable, "-m", module, *arguments]),
                stdout=output,
                stderr=output,
                env={**environment(settings), CLIENT_ID: name, **(variables or {})},
                cwd=Path(__file__).parents[2],
            )
        service = Service(name, process, log, self._ready_file(name))
        self.services.append(service)
        return service

    def _ready_file(self, name: str) -> Path:
        return self.directory / f"{name}.ready"

    async def all_ready(self, deadline_s: float = 600.0) -> None:
        """Returns when each has joined its group or listens; shows the log of one that ended."""
        deadline = time.monotonic() + deadline_s
        while waiting := [service for service in self.services if not service.ready]:
            for service in waiting:
                if not service.alive or time.monotonic() > deadline:
                    raise AssertionError(f"{service.name} is not ready:\n{service.log_tail()}")
            await asyncio.sleep(0.05)

    def scorer(self, settings: Settings) -> Service:
        """A scorer."""
        return self.start(PROGRAM, settings, "scorer")

    def indexer(self, settings: Settings) -> Service:
        """An indexer."""
        return self.start(PROGRAM, settings, "indexer")

    def query(self, settings: Settings) -> Service:
        """A query service."""
        return self.start(PROGRAM, settings, "query")

    def running(self) -> list[Service]:
        """Those that have not ended."""
        return [service for service in self.services if service.alive]

    def end(self) -> None:
        """Kills whatever still runs."""
        for service in self.running():
            service.resume()
            service.kill()


@contextmanager
def fleet(directory: Path) -> Iterator[Fleet]:
    """A fleet whose processes never outlive the block."""
    directory.mkdir(parents=True, exist_ok=True)
    ships = Fleet(directory)
    try:
        yield ships
    except BaseException:
        for service in ships.services:
            code = service.process.poll()
            print(f"--- {service.name}, {'running' if code is None else f'exit code {code}'}")
            print(service.log_tail())
        raise
    finally:
        ships.end()


async def wait_for_members(bootstrap: str, group_id: str, count: int) -> None:
    """Returns when a stable group has that many members."""
    async with administering(bootstrap) as admin:
        deadline = time.monotonic() + MEMBERS_DEADLINE_S
        while True:
            state, members = await _membership(admin, group_id)
            if state == "Stable" and len(members) == count:
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"{group_id} is {state} with {members}, not {count}")
            await asyncio.sleep(0.1)


async def bury(bootstrap: str, group_id: str, *dead: Service) -> None:
    """Has the coordinator take dead members for gone, as it would when their sessions end.

    So sessions can be longer than a machine stands still, and nobody waits for their end.
    """
    names = tuple(f"{service.name}-" for service in dead)
    async with administering(bootstrap) as admin:
        deadline = time.monotonic() + MEMBERS_DEADLINE_S
        while True:
            state, members = await _membership(admin, group_id)
            left = [member for member, client in members.items() if client.startswith(names)]
            if state in _STATES and not left:
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"{group_id} is {state}, and {left} do not leave it")
            await _leave(admin, group_id, left)
            await asyncio.sleep(0.1)


async def _leave(admin: AIOKafkaAdminClient, group_id: str, members: Sequence[str]) -> None:
    with suppress(KafkaError):
        coordinator = await admin.find_coordinator(group_id)
        for member in members:
            await admin._send_request(LeaveGroupRequest(group_id, member), coordinator)


async def _membership(admin: AIOKafkaAdminClient, group_id: str) -> tuple[str, dict[str, str]]:
    """The state of a group, or why nobody tells it, and its members with their clients."""
    try:
        (answer,) = await admin.describe_consumer_groups([group_id])
    except KafkaError as error:
        # The first group of a broker waits for its coordinator.
        return type(error).__name__, {}
    _, _, state, _, _, members = answer.groups[0][:6]
    return state, {member: client for member, client, *_ in members}
