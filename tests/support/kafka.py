"""A real one-node Apache Kafka as a process that tests may stop, kill, freeze and start again."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.children import leashed
from tests.support.ports import free_port
from tests.support.real_parts import KAFKA_VERSION, require_jars, require_java
from tests.support.wheels import cached

START_DEADLINE_S = 600.0
STOP_DEADLINE_S = 120.0
# The session of a broker that no test kills: however long it stands still, it is not gone.
UNKILLED_MS = 60_000
# Any 16 bytes in URL-safe base64 name a cluster.
CLUSTER_ID = "plimsollAAAAAAAAAAAAAQ"

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners={listeners},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners={listeners}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
controlled.shutdown.enable=false
broker.session.timeout.ms={session_ms}
broker.heartbeat.interval.ms=500
"""
SASL_PROPERTIES = """\
sasl.enabled.mechanisms=SCRAM-SHA-512
connections.max.reauth.ms={max_reauth_ms}
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


@dataclass(frozen=True, slots=True)
class Scram:
    """A second listener with SASL/SCRAM-SHA-512; `max_reauth_ms` > 0 ends sessions that old."""

    username: str = "plimsoll"
    password: str = "load-line"
    max_reauth_ms: int = 0


# Clients show certificates; who has no right to something may not do it. The plain listener is the
# test's own, and its user may do everything.
TLS_PROPERTIES = """\
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={cafile}
ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


@dataclass(frozen=True, slots=True)
class Tls:
    """A listener with mutual TLS and rights by certificate; `keystore` holds key and chain."""

    keystore: Path
    cafile: Path


@dataclass
class KafkaBroker:
    """One broker with its data directory; the port stays the same over restarts."""

    directory: Path
    scram: Scram | None = None
    tls: Tls | None = None
    port: int = field(default_factory=free_port)
    controller_port: int = field(default_factory=free_port)
    sasl_port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    # An address of this machine: those who connect from elsewhere need one that they can reach.
    host: str = "127.0.0.1"
    # A broker that stood still for longer counts as gone for a moment; one that was killed comes
    # back no sooner.
    session_ms: int = 2_000
    process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """host:port of the listener without authentication."""
        return f"{self.host}:{self.port}"

    @property
    def sasl_bootstrap(self) -> str:
        """host:port of the SASL listener."""
        if self.scram is None:
            raise AssertionError("this broker was made without scram=Scram(...)")
        return f"{self.host}:{self.sasl_port}"

    @property
    def tls_bootstrap(self) -> str:
        """host:port of the listener with mutual TLS."""
        if self.tls is None:
            raise AssertionError("this broker was made without tls=Tls(...)")
        return f"localhost:{self.tls_port}"

    def start(self) -> None:
        """Starts the broker, formatting its directory the first time; returns when it answers."""
        if self.process is not None:
            raise AssertionError("the broker runs already")
        properties = self.directory / "kafka.properties"
        if not properties.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            self._format()
            properties.write_text(self._properties(self.directory / "data"), encoding="utf-8")
        flags = ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        with (self.directory / "broker.log").open("ab") as log:
            self.process = subprocess.Popen(
                leashed([*self._java(), *flags, "kafka.Kafka", str(properties)]),
                stdout=log,
                stderr=log,
                # A terminal's Ctrl-C is for the tests, which then stop the broker.
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Ends the broker in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: what is in the page cache stays, everything else is gone."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """SIGKILL, then a start on the same data and port."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing is answered."""
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._running().send_signal(signal.SIGCONT)

    def change_password(self, password: str) -> None:
        """Gives the SCRAM user another one; sessions that stand go on."""
        if self.scram is None:
            raise AssertionError("this broker was made without scram=Scram(...)")
        command = [*self._java(), "kafka.admin.ConfigCommand", "--alter"]
        command += ["--bootstrap-server", self.bootstrap, "--entity-type", "users"]
        command += ["--entity-name", self.scram.username]
        command += ["--add-config", f"SCRAM-SHA-512=[password={password}]"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise AssertionError(f"Kafka changed no password:\n{answer.stdout}{answer.stderr}")

    def log_tail(self, lines: int = 15) -> str:
        """The end of the broker's log, for messages."""
        text = (self.directory / "broker.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise AssertionError("the broker does not run")
        return self.process

    def _end(self, how: signal.Signals) -> None:
        process = self._running()
        process.send_signal(how)
        try:
            process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.process = None

    def _java(self) -> list[str]:
        return [require_java(), "-cp", f"{require_jars()}/*"]

    def _properties(self, data: Path) -> str:
        listeners = f"PLAINTEXT://{self.host}:{self.port}"
        if self.scram is not None:
            listeners += f",SASL_PLAINTEXT://{self.host}:{self.sasl_port}"
        if self.tls is not None:
            listeners += f",SSL://localhost:{self.tls_port}"
        text = PROPERTIES.format(
            controller_port=self.controller_port,
            listeners=listeners,
            data=data,
            session_ms=self.session_ms,
        )
        if self.scram is not None:
            text += SASL_PROPERTIES.format(max_reauth_ms=self.scram.max_reauth_ms)
        if self.tls is not None:
            text += TLS_PROPERTIES.format(keystore=self.tls.keystore, cafile=self.tls.cafile)
        return text

    def _format(self) -> None:
        """Copies what Kafka's own tool writes: it is the same for all brokers of a kind."""
        kind = (PROPERTIES, SASL_PROPERTIES, CLUSTER_ID, self.scram)
        digest = hashlib.sha256(repr(kind).encode()).hexdigest()[:12]
        shutil.copytree(
            cached(f"kafka-{KAFKA_VERSION}-formatted-{digest}", self._write_formatted),
            self.directory / "data",
        )

    def _write_formatted(self, folder: Path) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".properties", encoding="utf-8") as properties:
            properties.write(self._properties(folder))
            properties.flush()
            command = [*self._java(), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID]
            command += ["-c", properties.name]
            if self.scram is not None:
                user = f"name={self.scram.username},password={self.scram.password}"
                command += ["--add-scram", f"SCRAM-SHA-512=[{user}]"]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise AssertionError(f"Kafka could not format {folder}:\n{answer.stderr}")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_DEADLINE_S
        ports = [self.port]
        ports += [] if self.scram is None else [self.sasl_port]
        ports += [] if self.tls is None else [self.tls_port]
        while time.monotonic() < deadline:
            if self._running().poll() is not None:
                raise AssertionError(f"Kafka ended while it started:\n{self.log_tail()}")
            if all(answers(port, self.host) for port in ports):
                return
            time.sleep(0.1)
        raise AssertionError(f"Kafka did not answer in {START_DEADLINE_S} s:\n{self.log_tail()}")


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens on this port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class GivenBroker:
    """A broker that somebody else runs, named by PLIMSOLL_TEST_KAFKA."""

    bootstrap: str


def given_broker() -> GivenBroker | None:
    """The broker that the environment names, or None."""
    bootstrap = os.environ.get("PLIMSOLL_TEST_KAFKA", "")
    return GivenBroker(bootstrap) if bootstrap else None
