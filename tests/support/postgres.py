"""A real PostgreSQL server as a process that tests may stop, kill and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from plimsoll.settings.postgres import ScorePostgresSettings
from tests.support.ports import free_port
from tests.support.real_parts import require_postgres

# What makes a server small and quick to start, and nothing that makes it less durable.
CONFIGURATION = """\
unix_socket_directories = ''
shared_buffers = 32MB
max_connections = 60
max_wal_size = 256MB
wal_level = replica
logging_collector = off
timezone = 'UTC'
"""
PASSWORD = "load-line"
_NOBODY = "nobody"
# Of clients on a machine that may stand still: nothing here is to end by a time-out.
PATIENCE: dict[str, Any] = {"connect_timeout_s": 120.0, "statement_timeout_ms": 120_000}
_START_DEADLINE_S = 300.0


@dataclass
class PostgresServer:
    """One server with its data directory; the port stays the same over restarts."""

    directory: Path
    port: int = field(default_factory=free_port)
    programs: Path = field(default_factory=require_postgres)
    # An address of this machine: those who connect from elsewhere need one that they can reach.
    host: str = "127.0.0.1"
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Where it keeps everything."""
        return self.directory / "data"

    def start(self) -> None:
        """Makes the data directory the first time; returns when it answers."""
        if not self.data.exists():
            self._initialise()
        with (self.directory / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_dying_with_us(), str(self.programs / "postgres"), "-D", str(self.data)],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_DEADLINE_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                log_text = (self.directory / "server.log").read_text(encoding="utf-8")
                raise AssertionError(f"PostgreSQL does not start:\n{log_text[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends it in good order; SIGQUIT is a crash: nothing is written that was not."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(300)
            self.process = None

    def crash(self) -> None:
        """What `pg_ctl stop -m immediate` does, and a start on the same data and port."""
        self.stop(signal.SIGQUIT)
        self.start()

    def replica(self, directory: Path) -> PostgresServer:
        """A copy that follows this server, started."""
        copy = PostgresServer(directory)
        directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(directory, _NOBODY)
        source = f"{self.dsn().rpartition('/')[0]}/"
        options = ["-D", str(copy.data), "-d", source, "-R", "-c", "fast", "--no-sync"]
        copy._run("pg_basebackup", *options)
        with (copy.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"port = {copy.port}\n")
        copy.start()
        self._wait_for_replica()
        return copy

    def _wait_for_replica(self) -> None:
        """A copy answers before it follows: until then a server that stops sends it nothing."""
        deadline = time.monotonic() + _START_DEADLINE_S
        while "streaming" not in self.sql("SELECT state FROM pg_stat_replication"):
            if time.monotonic() > deadline:
                raise AssertionError("the replica does not follow its primary")
            time.sleep(0.05)

    def remove(self) -> None:
        """Ends it and takes all that it kept away."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.directory)

    def dsn(self, database: str = "postgres", password: str = PASSWORD) -> str:
        """As the settings want it."""
        return f"postgresql://plimsoll:{password}@{self.host}:{self.port}/{database}"

    def run(self, program: str, *arguments: str) -> str:
        """Runs one of PostgreSQL's client programs; gives what it says."""
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode != 0:
            raise AssertionError(f"{program} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def create_database(self, options: str = "") -> str:
        """A fresh database; gives its name."""
        name = f"t{uuid4().hex[:12]}"
        self.sql(f"CREATE DATABASE {name} {options}")
        return name

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql says to a statement."""
        return self.run(
            "psql", "-AtX", "-v", "ON_ERROR_STOP=1", self.dsn(database), "-c", statement
        )

    def _initialise(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.directory, _NOBODY)
        secret = self.directory / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        options = ["-U", "plimsoll", "-A", "scram-sha-256", "--pwfile", str(secret), "--no-sync"]
        self._run("initdb", "-D", str(self.data), *options, "-E", "UTF8", "--locale=C")
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            where = f"listen_addresses = '{self.host}'\nport = {self.port}\n"
            file.write(CONFIGURATION + where)
        with (self.data / "pg_hba.conf").open("a", encoding="utf-8") as file:
            file.write("host all all all scram-sha-256\n")

    def _run(self, program: str, *arguments: str) -> None:
        """Runs a program that makes a data directory, as whom the server runs."""
        done = subprocess.run(
            [*_as_whom(), str(self.programs / program), *arguments],
            env={**os.environ, "PGPASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            timeout=600,
        )
        if done.returncode != 0:
            raise AssertionError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _answers(self) -> bool:
        ready = [str(self.programs / "pg_isready"), "-q", "-h", self.host, "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0


def _as_whom(*more: str) -> list[str]:
    """What to put before a command: the server refuses to be root, so root becomes nobody.

    Another program does that (util-linux), and no hook of Python's: for a hook Python forks, and
    gRPC, which some tests have at work, goes on in the copy and crashes it.
    """
    if os.geteuid() == 0:
        nobody = pwd.getpwnam(_NOBODY)
        user = ("--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups")
        return ["setpriv", *user, *more, "--"]
    return ["setpriv", *more, "--"] if more else []


def _dying_with_us() -> list[str]:
    """The same, and the kernel crashes the server when the tests end (Linux)."""
    return _as_whom("--pdeathsig", "QUIT") if sys.platform == "linux" else _as_whom()


def temporary_directory() -> Path:
    """A folder that others may enter: pytest's own are closed to all but their owner."""
    folder = Path(tempfile.mkdtemp(prefix="plimsoll-postgres-"))
    folder.chmod(0o755)
    return folder


def score_settings(server: PostgresServer, database: str) -> ScorePostgresSettings:
    """Settings of a score store in that database, patient with a busy machine."""
    return ScorePostgresSettings(dsn=SecretStr(server.dsn(database)), pool_size=4, **PATIENCE)
