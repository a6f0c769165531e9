"""What the tests of a session share: the cluster, the image, broker and database, and a release."""

from __future__ import annotations

import fcntl
import shutil
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from tests.cluster.binaries import cache_dir, say
from tests.cluster.image import build_image, export, make_pause_image
from tests.cluster.keda import start_keda
from tests.cluster.node import Cluster, cluster
from tests.cluster.node_files import HOST_ADDRESS
from tests.cluster.parts import require_cluster
from tests.cluster.release import SECRET, Release, values
from tests.cluster.report import state_of
from tests.conftest import start
from tests.support.helm import require_helm, require_kubectl
from tests.support.kafka import UNKILLED_MS, KafkaBroker
from tests.support.postgres import PostgresServer, temporary_directory
from tests.support.real_parts import PartMissingError

RUNNING = pytest.StashKey[Cluster | None]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Says with a failure what there is on the cluster, and what happened there."""
    report = yield
    if report.failed and (one := item.config.stash.get(RUNNING, None)) is not None:
        report.sections.append(("cluster", state_of(one)))
    return report


@contextmanager
def aloud(config: pytest.Config) -> Iterator[None]:
    """What is said meanwhile is progress, which pytest would keep to itself."""
    with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(flush=True)
        yield


def take_turns(lock: TextIO) -> None:
    """Waits for the lock, and says so."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another run has it: this one waits for its end")
        fcntl.flock(lock, fcntl.LOCK_EX)


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config) -> Iterator[Path]:
    """The cluster's binaries; one session on a machine has them at a time."""
    try:
        folder = require_cluster()
    except PartMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    with Path(cache_dir().parent / "cluster.lock").open("w", encoding="utf-8") as lock:
        with aloud(pytestconfig):
            take_turns(lock)
        yield folder


@pytest.fixture(scope="session")
def image(
    programs: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> str:
    """The image of this tree, built as it is shipped."""
    with aloud(pytestconfig):
        return build_image(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="session")
def kubernetes(
    programs: Path,
    image: str,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[Cluster]:
    """A cluster with KEDA, and with the image on its node."""
    directory = tmp_path_factory.mktemp("cluster")
    pause, archive = directory / "pause.tar", directory / "image.tar"
    make_pause_image(programs / "pause", pause)
    with cluster(directory, programs, require_kubectl(), pause) as one:
        start_keda(one)
        with aloud(pytestconfig):
            say("the cluster is up; loading the image into its node")
        export(image, archive)
        one.load(archive)
        archive.unlink()
        pytestconfig.stash[RUNNING] = one
        yield one
        pytestconfig.stash[RUNNING] = None


def make_namespace(kubernetes: Cluster, name: str) -> None:
    """A namespace that refuses what the `restricted` Pod Security Standard does not allow."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": name, "labels": labels}
    kubernetes.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    kubernetes.until(
        lambda: kubernetes.kubectl("--namespace", name, "get", "serviceaccount", "default"),
        f"namespace {name}",
    )


@pytest.fixture
def restricted(kubernetes: Cluster) -> Iterator[str]:
    """A restricted namespace of the test's own."""
    make_namespace(kubernetes, "restricted")
    yield "restricted"
    kubernetes.kubectl("delete", "namespace", "restricted", "--timeout=600s")


@pytest.fixture(scope="session")
def kafka(kubernetes: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A broker beside the cluster, at an address that pods reach as this process does."""
    directory = tmp_path_factory.mktemp("kafka")
    broker = KafkaBroker(directory, host=HOST_ADDRESS, session_ms=UNKILLED_MS)
    start(broker)
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def postgres(kubernetes: Cluster) -> Iterator[PostgresServer]:
    """A database beside the cluster, likewise."""
    directory = temporary_directory()
    server = PostgresServer(directory, host=HOST_ADDRESS)
    server.start()
    yield server
    server.stop(signal.SIGQUIT)
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def release(
    kubernetes: Cluster,
    kafka: KafkaBroker,
    postgres: PostgresServer,
    pytestconfig: pytest.Config,
) -> Release:
    """The chart, installed and ready, in a restricted namespace; it ends with the cluster."""
    one = Release(kubernetes, require_helm(4), "plimsoll")
    make_namespace(kubernetes, one.namespace)
    dsn = f"{postgres.dsn(postgres.create_database())}?sslmode=disable"
    metadata = {"name": SECRET, "namespace": one.namespace}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    kubernetes.apply({**secret, "stringData": {"dsn": dsn}})
    with aloud(pytestconfig):
        say("installing the chart")
    one.install(values(kafka.bootstrap))
    return one
